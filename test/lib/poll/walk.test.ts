import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { idOf } from "../../../nodes/lib/poll/identity";
import { fetchPage } from "../../../nodes/lib/poll/page";
import { shapeOf } from "../../../nodes/lib/poll/resources";
import { Walk, type Window } from "../../../nodes/lib/poll/walk";
import { alert, TinyTenant } from "./tiny-tenant";

const ALERTS = shapeOf({ resource: "alerts", apiVersion: "v2" });
const INCIDENTS = shapeOf({ resource: "incidents", apiVersion: "v2" });

async function read(
  tenant: TinyTenant,
  window: Window | undefined = { from: 0, to: 1_000_000 },
  shape = ALERTS,
): Promise<string[]> {
  const found: string[] = [];
  const walk = new Walk({
    shape,
    filters: [],
    window,
    fetch: (request) => fetchPage(tenant, shape, request, new AbortController().signal),
    idOf: (row) => idOf(row, shape),
  });
  for (let page = await walk.next(); page !== undefined; page = await walk.next()) {
    found.push(...page.rows.map((row) => idOf(row, shape)));
  }
  return found;
}

const ids = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_none, index) => String(from + index));
const sorted = (found: Iterable<string>): string[] => [...new Set(found)].sort((a, b) => Number(a) - Number(b));

describe("a walk through a window", () => {
  test("ends with a short page, and asks nobody for a total", async () => {
    const tenant = new TinyTenant();
    tenant.total = () => undefined;
    tenant.rows = ids(1, 250).map((id) => alert(Number(id), 1000 + Number(id)));
    assert.deepEqual(sorted(await read(tenant)), ids(1, 250));
    assert.equal(tenant.requests.length, 3);
  });

  test("asks for nothing beyond the window and never for more than 100 rows", async () => {
    const tenant = new TinyTenant();
    tenant.rows = ids(1, 150).map((id) => alert(Number(id), Number(id) * 10));
    assert.deepEqual(sorted(await read(tenant, { from: 100, to: 1200 })), ids(10, 120));
    for (const { request_data: data } of tenant.requests) assert.equal(data.search_to - data.search_from, 100);
  });

  test("goes on by the time of the last row, not by an offset", async () => {
    const tenant = new TinyTenant();
    tenant.rows = ids(1, 1200).map((id) => alert(Number(id), 1000 + Number(id)));
    assert.deepEqual(sorted(await read(tenant)), ids(1, 1200));
    assert.deepEqual(new Set(tenant.requests.map(({ request_data: data }) => data.search_from)), new Set([0]));
  });

  test("loses no row when one before it goes between two pages", async () => {
    const tenant = new TinyTenant();
    tenant.rows = ids(1, 350).map((id) => alert(Number(id), 1000 + Number(id)));
    tenant.before = (request) => {
      if (request === 2) tenant.rows = tenant.rows.filter((row) => Number(row["alert_id"]) > 20);
    };
    const found = sorted(await read(tenant));
    assert.deepEqual(
      found.filter((id) => Number(id) > 20),
      ids(21, 350),
    );
  });

  test("loses no incident when another one changes and moves behind the window", async () => {
    const tenant = new TinyTenant();
    tenant.listName = "incidents";
    tenant.rows = ids(1, 320).map((id) => ({ incident_id: id, modification_time: 1000 + Number(id) }));
    tenant.before = (request) => {
      for (const row of tenant.rows.slice(0, request === 2 ? 30 : 0)) row["modification_time"] = 2_000_000;
    };
    const found = sorted(await read(tenant, undefined, INCIDENTS));
    assert.deepEqual(found, ids(1, 320));
  });

  test("finds a row that appears between two pages in what was already read, through the total", async () => {
    const tenant = new TinyTenant();
    tenant.rows = ids(2, 250).map((id) => alert(Number(id), 1000 + Number(id)));
    tenant.total = () => 250;
    tenant.before = (request) => {
      if (request === 2) tenant.rows.push(alert(1, 1001));
    };
    assert.deepEqual(sorted(await read(tenant)), ids(1, 250));
  });

  for (const ties of [99, 100, 101, 350]) {
    test(`${ties} rows of one time between others`, async () => {
      const tenant = new TinyTenant();
      tenant.total = () => undefined;
      tenant.rows = [
        ...ids(1, 60).map((id) => alert(Number(id), 1000, 100 + Number(id))),
        ...ids(61, 60 + ties).map((id) => alert(Number(id), 1000, 500)),
        ...ids(61 + ties, 130 + ties).map((id) => alert(Number(id), 1000, 1000 + Number(id))),
      ];
      assert.deepEqual(sorted(await read(tenant)), ids(1, 130 + ties));
    });
  }

  test("rows of one time of which some go while they are read", async () => {
    const tenant = new TinyTenant();
    tenant.rows = ids(1, 350).map((id) => alert(Number(id), 1000, 500));
    tenant.before = (request) => {
      if (request === 2) tenant.rows = tenant.rows.slice(30);
    };
    assert.deepEqual(
      sorted(await read(tenant)).filter((id) => Number(id) > 30),
      ids(31, 350),
    );
  });

  test("rows of one time of which some go at each reading, without a total", async () => {
    const tenant = new TinyTenant();
    tenant.total = () => undefined;
    tenant.rows = ids(1, 350).map((id) => alert(Number(id), 1000, 500));
    tenant.before = (request) => {
      // 201 to 230 slip through the first reading, some of them through the second too.
      if (request === 4) tenant.rows = tenant.rows.slice(30);
      if (request === 7) tenant.rows = tenant.rows.slice(90);
    };
    assert.deepEqual(
      sorted(await read(tenant)).filter((id) => Number(id) > 120),
      ids(121, 350),
    );
  });

  test("a tenant that does not sort, and tells no total", async () => {
    for (const detectMs of [(id: number) => 5000 - id, (id: number) => 5000 + ((id * 7919) % 230)]) {
      const tenant = new TinyTenant();
      tenant.isSorted = false;
      tenant.total = () => undefined;
      tenant.rows = ids(1, 230).map((id) => alert(Number(id), 1000, detectMs(Number(id))));
      assert.deepEqual(sorted(await read(tenant)), ids(1, 230));
    }
  });

  test("rows without the time that is sorted by", async () => {
    const tenant = new TinyTenant();
    tenant.rows = ids(1, 260).map((id) => alert(Number(id), 1000, Number(id)));
    for (const index of [99, 150, 259]) tenant.rows[index]!["detection_timestamp"] = null;
    assert.deepEqual(sorted(await read(tenant)), ids(1, 260));
  });

  test("a tenant that answers the same page to every offset is named, not read for ever", async () => {
    const tenant = new TinyTenant();
    tenant.rows = ids(1, 230).map((id) => alert(Number(id), 1000, 500));
    const callRaw = tenant.callRaw.bind(tenant);
    tenant.callRaw = (request) => {
      const { request_data: data } = request.body as { request_data: object };
      return callRaw({ ...request, body: { request_data: { ...data, search_from: 0, search_to: 100 } } });
    };
    await assert.rejects(read(tenant), { code: "XDR_RESPONSE_INVALID" });
  });
});
