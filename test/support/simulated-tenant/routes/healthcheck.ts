import { json } from "../answers";
import type { Route } from "../call";

/** `GET v1/healthcheck`: the one success without the `reply` wrapper. Any valid key may ask. */
export const healthcheck: Route = {
  name: "healthcheck",
  method: "GET",
  path: "v1/healthcheck",
  licences: ["prevent", "pro-endpoint", "pro-gb"],
  handle: () => json(200, { status: "Healthy" }),
};
