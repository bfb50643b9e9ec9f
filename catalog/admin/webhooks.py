"""The addresses that are told what changes, and how that went."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from unfold.widgets import UnfoldAdminTextInputWidget

from catalog.admin.bases import ModelAdmin, ModelForm, TabularInline, display
from catalog.admin.options import moment
from catalog.errors import Invalid
from catalog.registers import Webhook, WebhookAttempt
from catalog.services import webhooks
from catalog.services.addresses import checked_url


class WebhookForm(ModelForm):
    """Where to tell what changes."""

    class Meta:
        model = Webhook
        fields = ("url", "description")
        widgets = {"url": UnfoldAdminTextInputWidget()}

    def clean_url(self) -> str:
        try:
            return checked_url(self.cleaned_data["url"], anywhere=settings.WEBHOOKS_ANYWHERE)
        except Invalid as error:
            raise ValidationError([fault.detail for fault in error.faults]) from error


class AttemptInline(TabularInline):
    model = WebhookAttempt
    fields = readonly_fields = ("at", "message_id", "status", "error", "seconds")
    verbose_name_plural = "attempts"
    per_page = 50
    can_delete = False
    max_num = 0

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002  Django's call
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False


@admin.register(Webhook)
class WebhookAdmin(ModelAdmin):
    form = WebhookForm
    list_display = ("shown", "token", "state", "failures", "shown_success")
    fields = ("url", "description")
    actions = ("enable",)
    inlines = (AttemptInline,)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:  # noqa: ARG002
        return () if obj is None else ("url",)

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:  # noqa: ARG002  Django's call
        return () if obj is None else self.inlines

    def save_model(self, request: HttpRequest, obj: Webhook, form: Any, change: Any) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        made = webhooks.create_webhook(url=obj.url, description=obj.description, token_id=None)
        obj.pk, obj.secret = made.pk, made.secret

    def response_add(self, request: HttpRequest, obj: Webhook, post_url_continue: str | None = None) -> HttpResponse:  # noqa: ARG002
        """The only page that shows the secret."""
        context = {**self.admin_site.each_context(request), "title": f"Secret for {obj}", "text": obj.secret}
        return TemplateResponse(request, "catalog/admin/webhook_made.html", context)

    @display(description="address", ordering="url")
    def shown(self, webhook: Webhook) -> str:
        return str(webhook)

    @display(description="state", label={"works": "success", "waits": "warning", "disabled": "danger"})
    def state(self, webhook: Webhook) -> str:
        if webhook.disabled:
            return "disabled"
        return "waits" if webhook.failures else "works"

    @display(description="last success", ordering="last_success")
    def shown_success(self, webhook: Webhook) -> str:
        return moment(webhook.last_success) if webhook.last_success else "never"

    @admin.action(description="Try again now", permissions=["change"])
    def enable(self, request: HttpRequest, queryset: QuerySet[Webhook]) -> None:
        for webhook_id in queryset.values_list("pk", flat=True):
            webhooks.enable_webhook(webhook_id=webhook_id)
        messages.success(request, "They are tried again, from where they stood.")
