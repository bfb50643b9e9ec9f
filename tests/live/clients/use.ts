// What the generated types and openapi-fetch make of the API: tests/live/test_clients.py runs it on a live server.
import createClient from "openapi-fetch";
import type { paths } from "./moviedb.js";

declare const process: { env: Record<string, string> };

const api = createClient<paths>({
  baseUrl: process.env.MOVIEDB_URL,
  headers: { Authorization: `Bearer ${process.env.MOVIEDB_TOKEN}` },
  querySerializer: { array: { style: "form", explode: false } },
});

function check(holds: boolean, words: string): asserts holds {
  if (!holds) throw new Error(words);
}

const list = await api.GET("/api/movies", { params: { query: { limit: 2, fields: ["id", "title", "year"], sort: "-year" } } });
check(list.data?.data.length === 2, "a list of two");
check(Object.keys(list.data.data[0]).join() === "id,title,year", "three fields each");

const found = await api.GET("/api/movies", { params: { query: { q: "seven samurai", limit: 1 } } });
check(found.data?.data[0]?.year === 1954, "the film that was searched for");

const made = await api.POST("/api/movies", { body: { title: "Typed", year: 2024, published: true } });
check(made.response.status === 201 && made.data?.id !== undefined, "a new film");

const id = String(made.data.id);
const tag = made.response.headers.get("ETag") ?? "";
const changed = await api.PATCH("/api/movies/{id}", {
  params: { path: { id }, header: { "If-Match": tag } },
  headers: { "Content-Type": "application/merge-patch+json" },
  body: { runtime: 90 },
});
check(changed.data?.runtime === 90, "a changed film");

const late = await api.PATCH("/api/movies/{id}", {
  params: { path: { id }, header: { "If-Match": tag } },
  headers: { "Content-Type": "application/merge-patch+json" },
  body: { runtime: 91 },
});
check(late.response.status === 412 && late.error?.status === 412, "412 for the version before");

const gone = await api.DELETE("/api/movies/{id}", { params: { path: { id } } });
check(gone.response.status === 204, "a deleted film");
check((await api.GET("/api/movies/{id}", { params: { path: { id } } })).response.status === 410, "410 for what is gone");
console.log("done");
