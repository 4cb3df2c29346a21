import assert from "node:assert/strict";
import { test } from "node:test";
import ts from "typescript";
import { ECS_KINDS } from "../../nodes/lib/ecs/ecs-kinds";
import { parseEcsOptions } from "../../nodes/lib/ecs/ecs-options";
import { parseAccount } from "../../nodes/lib/gcs/account-options";
import { parseEventsOptions } from "../../nodes/lib/gcs/events-options";
import { parseInsertOptions } from "../../nodes/lib/outbox/insert-options";
import { internalTest } from "../../nodes/lib/pan-os/networks";
import { parsePanosOptions } from "../../nodes/lib/pan-os/options";
import { absentFilters, POLL_RESOURCES } from "../../nodes/lib/poll/poll-limits";
import { parsePollOptions } from "../../nodes/lib/poll/poll-options";
import { parseTenant } from "../../nodes/lib/tenant/tenant-options";
import { isNetworkList } from "../../nodes/shared/editor/networks";
import { absentRows, knownValues } from "../../nodes/shared/editor/poll-rows";
import { entriesOf, isList } from "../../nodes/shared/editor/value-list";
import { defaultValue, definitionOf, dialogOf, literalValue, type PropertyShape } from "./support/node-sets";

/** The runtime's own readers: each throws, or says what it does not like. */
const READERS: Readonly<Record<string, (values: Record<string, unknown>) => object>> = {
  "cortex-xdr-ecs": parseEcsOptions,
  "cortex-xdr-insert": parseInsertOptions,
  "cortex-xdr-poll": parsePollOptions,
  "pan-os-alert": parsePanosOptions,
  "cortex-xdr-events": (values) => parseEventsOptions({ bucket: "xdr-eu-0000-event-forwarding", ...values }),
  "cortex-xdr-gcs-account": (values) => {
    const { options, problem } = parseAccount(values);
    if (problem !== undefined) throw problem;
    return options;
  },
  "cortex-xdr-tenant": (values) => {
    const { options, problem } = parseTenant({
      host: "acme.xdr.eu.paloaltonetworks.com",
      keyId: "1",
      key: "k",
      ...values,
    });
    if (problem !== undefined) throw problem;
    return options;
  },
};

/** Properties that have no default that works. */
const CHOSEN = ["host", "tenant", "account", "bucket"];
/** Nodes whose properties have no bounds. */
const UNBOUNDED = ["cortex-xdr-gcs-account", "cortex-xdr-ecs"];

/** The bounds that a property's validator is made with. */
function boundsOf({ members }: PropertyShape): number[] {
  const call = members.get("validate");
  const range = call !== undefined && ts.isCallExpression(call) ? call.arguments[1] : undefined;
  if (range === undefined || !ts.isObjectLiteralExpression(range)) return [];
  return range.properties.map((bound) =>
    Number(literalValue(ts.isPropertyAssignment(bound) ? bound.initializer : bound)),
  );
}

for (const [name, read] of Object.entries(READERS)) {
  const { defaults } = definitionOf(name);

  void test(`${name}: a new node has the defaults of the runtime`, () => {
    const fresh = defaults.map((property) => [property.name, defaultValue(property)] as const);
    const values = Object.fromEntries(fresh.filter(([property]) => !CHOSEN.includes(property)));
    // As JSON: some options are functions, made anew each time.
    assert.equal(JSON.stringify(read(values)), JSON.stringify(read({})));
  });

  void test(`${name}: the runtime takes the extremes that the dialog lets pass`, () => {
    const bounded = defaults.filter((property) => boundsOf(property).length > 0);
    assert.equal(bounded.length > 0, !UNBOUNDED.includes(name));
    for (const property of bounded) {
      for (const bound of boundsOf(property)) {
        assert.doesNotThrow(() => read({ [property.name]: String(bound) }), `${property.name} ${bound}`);
      }
    }
  });
}

void test("pan-os-alert: the dialog takes for networks what the runtime takes", () => {
  const samples = ["10.0.0.0/8", "192.0.2.7", "fd00::/8", "2001:db8::1", "::ffff:10.0.0.1/128"];
  const others = [
    "10.0.0.0/33",
    "10.0.0.256",
    "10.0.0/8",
    "fd00::/129",
    "inside",
    "10.0.0.0/8/8",
    "010.0.0.0/8",
    ":/0",
    "1::2::3",
  ];
  for (const network of [...samples, ...others]) {
    const isTaken = ((): boolean => {
      try {
        internalTest([network]);
        return true;
      } catch {
        return false;
      }
    })();
    assert.equal(isTaken, samples.includes(network), network);
    assert.equal(isNetworkList(network), isTaken, network);
  }
});

const FILTERS = ["severities", "statuses", "sources", "tags"] as const;

void test("cortex-xdr-poll: the dialog hides the filters that the runtime refuses, and no others", () => {
  for (const resource of POLL_RESOURCES) {
    for (const apiVersion of ["v1", "v2"] as const) {
      const hidden = FILTERS.filter((name) => absentRows(resource, apiVersion).includes(name));
      assert.deepEqual(hidden.sort(), [...absentFilters(resource, apiVersion)].sort(), `${resource} ${apiVersion}`);
      for (const name of FILTERS.filter((filter) => !hidden.includes(filter))) {
        const values = knownValues(name, resource, apiVersion);
        assert.deepEqual(parsePollOptions({ resource, apiVersion, [name]: values })[name], values);
      }
    }
  }
});

void test("cortex-xdr-poll: the dialog reads a list as the runtime does", () => {
  for (const text of ["", " , ", "high", "high, low,,high", "XDR BIOC\nXDR IOC", "${A}, b"]) {
    assert.deepEqual(entriesOf(text), parsePollOptions({ sources: text }).sources);
  }
  for (const [list, isGood] of [
    [Array.from({ length: 1000 }, (_, i) => `tag ${i}`), true],
    [Array.from({ length: 1001 }, (_, i) => `tag ${i}`), false],
    [undefined, true],
    [7, false],
  ] as const) {
    assert.equal(isList(list), isGood);
    if (isGood) assert.doesNotThrow(() => parsePollOptions({ tags: list }));
    else assert.throws(() => parsePollOptions({ tags: list }));
  }
});

void test("cortex-xdr-ecs: the dialog offers the kinds that the runtime takes, and no others", () => {
  const offered = [...dialogOf("cortex-xdr-ecs").matchAll(/<option value="([^"]*)"/g)].map((match) => match[1]);
  assert.deepEqual(offered, ["auto", ...ECS_KINDS]);
  for (const kind of offered) assert.equal(parseEcsOptions({ kind }).kind, kind);
});
