import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseEcsOptions } from "../../../nodes/lib/ecs/ecs-options";
import { XdrError } from "../../../nodes/lib/errors";

const DEFAULTS = { kind: "auto", preserveOriginal: false, preserveDuplicates: false, wrapSingles: false };
const FLAGS = ["preserveOriginal", "preserveDuplicates", "wrapSingles"] as const;

describe("ECS options", () => {
  test("all have a default, also where the field was left empty", () => {
    assert.deepEqual(parseEcsOptions({}), DEFAULTS);
    assert.deepEqual(parseEcsOptions(Object.fromEntries(Object.keys(DEFAULTS).map((name) => [name, ""]))), DEFAULTS);
    assert.deepEqual(parseEcsOptions(Object.fromEntries(Object.keys(DEFAULTS).map((name) => [name, null]))), DEFAULTS);
    assert.deepEqual(parseEcsOptions({ kind: " ", preserveOriginal: undefined }), DEFAULTS);
  });

  test("takes every kind, and leaves out what it does not know", () => {
    for (const kind of ["auto", "alert-v1", "alert-v2", "incident", "event"])
      assert.deepEqual(parseEcsOptions({ kind, name: "node", wires: [[]] }), { ...DEFAULTS, kind });
  });

  for (const name of FLAGS) {
    test(`${name} is a flag, also as text`, () => {
      for (const on of [true, "true", "TRUE", " true "])
        assert.deepEqual(parseEcsOptions({ [name]: on }), { ...DEFAULTS, [name]: true });
      for (const off of [false, "false", "False"]) assert.deepEqual(parseEcsOptions({ [name]: off }), DEFAULTS);
    });
  }

  const refused: readonly (readonly [config: object, field: string])[] = [
    ...["alert", "alerts", "Auto", "alert-v3", "endpoint", "__proto__", "constructor"].map(
      (kind) => [{ kind }, "kind"] as const,
    ),
    ...[7, true, ["event"], {}].map((kind) => [{ kind }, "kind"] as const),
    ...FLAGS.flatMap((name) => [1, [], {}].map((value) => [{ [name]: value }, name] as const)),
  ];
  for (const [config, field] of refused) {
    test(`refuses ${JSON.stringify(config)}`, () => {
      assert.throws(
        () => parseEcsOptions(config),
        (error: unknown) => {
          assert.ok(error instanceof XdrError);
          assert.equal(error.code, "XDR_CONFIG_INVALID");
          assert.equal(error.field, field);
          assert.match(error.message, new RegExp(`^${field} must be .*\\.$`));
          return true;
        },
      );
    });
  }
});

test("a flag in other words than true and false is refused, not taken for off", () => {
  for (const word of ["1", "yes", "on", "${FLAG}"]) {
    assert.throws(() => parseEcsOptions({ wrapSingles: word }), { code: "XDR_CONFIG_INVALID", field: "wrapSingles" });
  }
});
