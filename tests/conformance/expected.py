"""aiohttp's tests that no ASGI bridge can pass on uvicorn, and why."""

AIOHTTP = "3.14.5"

_WEB = "test_web_functional.py::"
_SOCKETS = "test_web_websocket_functional.py::"
_CLIENT = "test_client_functional.py::"
_CLIENT_SOCKETS = "test_client_ws_functional.py::"
_UTILS = "test_test_utils.py::"
_DISPATCH = "test_web_urldispatcher.py::"
_DIGEST = "test_client_middleware_digest_auth.py::test_preemptive_auth_"

EXPECTED: dict[str, frozenset[str]] = {
    "ASGI has no message for a ping: the server answers the client's, the bridge the handler's": frozenset(
        (
            *(_SOCKETS + name for name in ("test_ping", "test_pong", "test_heartbeat", "test_heartbeat_no_pong")),
            _SOCKETS + "test_heartbeat_failure_ends_receive",
            _SOCKETS + "test_heartbeat_no_pong_concurrent_receive",
            _SOCKETS + "test_heartbeat_no_pong_receive_many_messages",
            _SOCKETS + "test_heartbeat_no_pong_send_many_messages",
            _SOCKETS + "test_receive_being_cancelled_keeps_connection_open",
            _SOCKETS + "test_receive_timeout_keeps_connection_open",
            *(_CLIENT_SOCKETS + name for name in ("test_ping_pong_manual", "test_heartbeat", "test_heartbeat_no_pong")),
            _CLIENT_SOCKETS + "test_heartbeat_does_not_timeout_while_receiving_large_frame",
            _CLIENT_SOCKETS + "test_heartbeat_no_pong_after_receive_many_messages",
            _CLIENT_SOCKETS + "test_heartbeat_no_pong_after_send_many_messages",
            _CLIENT_SOCKETS + "test_heartbeat_no_pong_concurrent_receive",
        )
    ),
    "ASGI tells nothing of the client's half of the close handshake": frozenset(
        (
            _SOCKETS + "test_close_timeout",
            _SOCKETS + "test_abnormal_closure_when_client_does_not_close",
            _SOCKETS + "test_abnormal_closure_when_server_does_not_receive",
            _CLIENT_SOCKETS + "test_close_timeout_deprecated",
            _CLIENT_SOCKETS + "test_close_timeout_sock_close_read",
        )
    ),
    "uvicorn negotiates compression, versions and frames itself": frozenset(
        (
            _CLIENT_SOCKETS + "test_send_recv_compress",
            _CLIENT_SOCKETS + "test_send_recv_compress_wbits",
            _CLIENT_SOCKETS + "test_client_rejects_compressed_frame_without_negotiation",
            _CLIENT_SOCKETS + "test_override_default_headers",
            _CLIENT_SOCKETS + "test_recv_protocol_error",
        )
    ),
    "uvicorn does not pipeline behind an upgrade, and hands one request on at a time": frozenset(
        (
            _WEB + "test_bad_pipelined_data_behind_declined_upgrade_answers_400",
            _WEB + "test_declined_websocket_upgrade_reads_body",
            _WEB + "test_http1_pipelined_behind_declined_upgrade_served_once",
            _WEB + "test_http1_pipelined_queue_resumes_after_drain",
            _WEB + "test_http1_pipelined_requests_are_count_limited",
            _WEB + "test_upgrade_tail_is_byte_limited",
            _SOCKETS + "test_partial_pipelined_request_after_failed_websocket_upgrade",
            _SOCKETS + "test_pipelined_request_after_declined_upgrade_behind_burst",
            _SOCKETS + "test_pipelined_request_after_failed_websocket_upgrade",
            _SOCKETS + "test_pipelined_request_after_two_declined_upgrades",
            _SOCKETS + "test_websocket_frames_pipelined_behind_request_burst",
        )
    ),
    "ASGI carries no reason phrase, and uvicorn writes HTTP/1.1, Date and lower-case names of its own": frozenset(
        (
            *(_CLIENT + f"test_max_line_size_{name}" for name in ("request_explicit", "session_explicit")),
            *(_CLIENT + f"test_max_line_size_session_{name}" for name in ("default", "default_fail")),
            _CLIENT + "test_raw_headers",
            _CLIENT + "test_empty_header_values",
            _WEB + "test_custom_date_header",
            _WEB + "test_http10_keep_alive_default",
            _WEB + "test_http10_keep_alive_with_headers",
            _WEB + "test_http10_keep_alive_with_headers_close",
            "test_client_middleware.py::test_middleware_can_check_request_body",
        )
    ),
    "uvicorn frames a 101 as chunked": frozenset(
        (
            _WEB + "test_no_body_for_1xx_204_304_responses",
            _WEB + "test_response_101_204_no_content_length_http11",
        )
    ),
    "ASGI cannot close a connection without an answer": frozenset(
        (
            _CLIENT + "test_file_upload_retry_persistent_connection",
            _CLIENT + "test_request_conn_closed",
            _CLIENT + "test_upload_retry_persistent_connection_unseekable_body",
            _UTILS + "test_disable_retry_persistent_connection",
            _UTILS + "test_retry_persistent_connection_lowercase_method",
        )
    ),
    "uvicorn writes head and body apart, so a client that releases at the head has not seen the body": frozenset(
        (
            _CLIENT + "test_keepalive_response_released",
            *(_DIGEST + name for name in ("disabled", "with_absolute_domain_uris", "with_stale_nonce")),
        )
    ),
    "The bridge closes idle connections itself; aiohttp's own timer never rings": frozenset(
        (_WEB + "test_keepalive_expires_on_time",)
    ),
    "uvicorn tells nothing of TLS": frozenset((_CLIENT + "test_ssl_client_alpn",)),
    "An answer shorter than its Content-Length is cut off; aiohttp leaves the client waiting": frozenset(
        (_CLIENT + "test_timeout_on_reading_data",)
    ),
    "Fails on aiohttp's own server too, when the tests run as root": frozenset(
        (
            _DISPATCH + "test_static_directory_without_read_permission",
            _DISPATCH + "test_static_file_without_read_permission",
        )
    ),
}
