import { expect, it } from "vitest";
import { createMatcher, listRoutes } from "../src/routes/match.js";
import { createRoutes, type RouteParts } from "../src/routes/table.js";

const routes = createRoutes({ dashboard: {} } as RouteParts);
const findRoute = createMatcher(routes);

it.each([
  ["/v1/chat/completions", "chat"],
  ["/chat/completions", "chat"],
  ["/v1/v1/chat/completions", "chat"],
  ["//v1//chat/completions", "chat"],
  ["/v1/chat/completions/", "chat"],
  ["/v1/chat/completions?api-version=1", "chat"],
  ["/v1/completions", "completions"],
  ["/completions?x", "completions"],
  ["/v1/responses", "responses"],
  ["/responses?x=/v1/models", "responses"],
  ["/v1/models", "models"],
  ["/v1/models/", "models"],
  ["/healthz", "health"],
  ["/v1/healthz", "health"],
  ["/", "root"],
  ["/v1", "root"],
  ["/v1/", "root"],
  ["/?a", "root"],
])("finds %s", (target, name) => expect(findRoute(target)).toMatchObject({ route: { name } }));

it.each([
  ["/v1/models/gpt-5.5", "gpt-5.5"],
  ["/models/gpt-5.5?x", "gpt-5.5"],
  ["/v1/models/codex/gpt-5.5-high", "codex/gpt-5.5-high"],
  ["/v1/models/codex%2Fgpt-5.5", "codex/gpt-5.5"],
  ["/v1/models/my%20model", "my model"],
])("takes the id out of %s", (target, id) =>
  expect(findRoute(target)).toMatchObject({ route: { name: "model" }, params: { id } }),
);

it.each([
  ["/v1/responses/resp_1", "response", "resp_1"],
  ["/responses/resp_1/?stream=true", "response", "resp_1"],
  ["/v1/responses/a%2Fb/input_items?limit=2", "input_items", "a/b"],
  ["/v1/responses/resp_1/cancel", "cancel", "resp_1"],
])("takes the id of a response out of %s", (target, name, id) =>
  expect(findRoute(target)).toMatchObject({ route: { name }, params: { id } }),
);

it.each([
  "/v1/responses/resp_1/items",
  "/v1/responses/resp_1/input_items/x",
  "/v1/responses/%zz",
  "/v1/responses/compact",
  "/responses/compact/",
  "/v1/responses/input_tokens?x=1",
  "/v1/responses/input_tokens/cancel",
  "/v1/responses/compac%74",
  "/v2/chat/completions",
  "/v1x/models",
  "/v1/chat",
  "/v1/embeddings",
  "/V1/chat/completions",
  "/v1/models/%zz",
  "http://evil.test/v1/models",
  "*",
])("finds nothing for %j", (target) => expect(findRoute(target)).toBeUndefined());

it("lists them as callers should write them", () => {
  expect(listRoutes(routes)).toBe(
    "POST /v1/chat/completions, POST /v1/responses, POST /v1/completions, GET and DELETE /v1/responses/{id}, GET /v1/responses/{id}/input_items, GET /v1/models, GET /v1/models/{id}, GET /v1/usage, GET /metrics, GET /dashboard, GET /readyz and GET /healthz",
  );
});

it("has each name once", () => {
  const names = routes.map(({ name }) => name);
  expect(names).toEqual([...new Set(names)]);
});
