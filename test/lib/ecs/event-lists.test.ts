import { describe, test } from "node:test";
import { inspect } from "node:util";
import { assertDocument, vendorField } from "./event-cases";

const TAGGED = { tags: ["preserve_duplicate_custom_fields"] };

/** Fields that are copied from one source and get the value of another. `undefined` = missing. */
const PAIRS: readonly {
  readonly first: string;
  readonly added: string;
  readonly document: (value: unknown, all: readonly string[]) => object;
}[] = [
  {
    first: "agent_content_version",
    added: "agent_version",
    document: (version) => ({ agent: { version } }),
  },
  {
    first: "action_user_status_sid",
    added: "os_actor_primary_user_sid",
    document: (id, all) => ({ user: { id }, related: { user: all } }),
  },
  {
    first: "action_username",
    added: "os_actor_primary_username",
    document: (name, all) => ({ user: { name }, related: { user: all } }),
  },
  {
    first: "action_process_image_md5",
    added: "os_actor_process_image_md5",
    document: (md5, all) => ({ process: { hash: { md5 } }, related: { hash: all } }),
  },
];

/** What two sources give. */
const PAIR_RESULTS: readonly (readonly [first: unknown, added: unknown, value: unknown, all: readonly string[]])[] = [
  ["A", undefined, ["A"], ["A"]],
  ["A", null, ["A"], ["A"]],
  ["A", "", "A", ["A"]],
  ["A", "A", "A", ["A"]],
  ["A", "B", ["A", "B"], ["A", "B"]],
  ["A", "a", ["A", "a"], ["A", "a"]],
  ["A", " ", ["A", " "], ["A", " "]],
  [undefined, "B", ["B"], ["B"]],
  [null, "B", ["B"], ["B"]],
  ["", "B", ["B"], ["B"]],
];

describe("a second value of an event", () => {
  for (const { first, added, document } of PAIRS) {
    for (const [one, other, value, all] of PAIR_RESULTS) {
      test(`${first} ${inspect(one)}, ${added} ${inspect(other)}`, () => {
        assertDocument({ [first]: one, [added]: other }, document(value, all));
      });
    }
    test(`${first} and ${added} without a value leave nothing`, () => {
      assertDocument({}, {});
      assertDocument({ [first]: null }, {});
      assertDocument({ [first]: "", [added]: "" }, {});
      assertDocument({ [added]: null }, {});
    });
  }
});

describe("hashes of the processes of an event", () => {
  const md5 = (own: unknown, remote: unknown, actor: unknown): object => ({
    action_process_image_md5: own,
    action_remote_process_image_md5: remote,
    os_actor_process_image_md5: actor,
  });
  const sha256 = (own: unknown, remote: unknown, actor: unknown): object => ({
    action_process_image_sha256: own,
    action_remote_process_image_sha256: remote,
    os_actor_process_image_sha256: actor,
  });

  // An empty remote hash is added, a missing one is not; with the hash of the actor it is the other way round.
  for (const [own, remote, actor, value, all] of [
    ["A", null, "", "A", ["A"]],
    ["A", null, "A", "A", ["A"]],
    ["A", "A", "", "A", ["A"]],
    ["A", "A", "A", "A", ["A"]],
    ["A", "", "", ["A"], ["A"]],
    ["A", "", "A", ["A"], ["A"]],
    ["A", null, null, ["A"], ["A"]],
    ["A", "A", undefined, ["A"], ["A"]],
    ["A", "B", "", ["A", "B"], ["A", "B"]],
    ["A", "B", "A", ["A", "B"], ["A", "B"]],
    ["A", "B", "B", ["A", "B"], ["A", "B"]],
    ["A", "B", "C", ["A", "B", "C"], ["A", "B", "C"]],
    ["A", null, "C", ["A", "C"], ["A", "C"]],
    ["", "B", "", ["B"], ["B"]],
    [null, "B", "C", ["B", "C"], ["B", "C"]],
  ] as const) {
    test(`md5 ${inspect([own, remote, actor])}`, () => {
      assertDocument(md5(own, remote, actor), { process: { hash: { md5: value } }, related: { hash: all } });
    });
  }

  for (const [own, remote, actor, value, all] of [
    ["A", "", "", "A", ["A"]],
    ["A", "A", "", "A", ["A"]],
    ["A", "", "A", "A", ["A"]],
    ["A", "A", "A", "A", ["A"]],
    ["A", null, "", ["A"], ["A"]],
    ["A", undefined, "A", ["A"], ["A"]],
    ["A", "", null, ["A"], ["A"]],
    ["A", "", undefined, ["A"], ["A"]],
    ["A", "B", "", ["A", "B"], ["A", "B"]],
    ["A", "B", "C", ["A", "B", "C"], ["A", "B", "C"]],
    ["A", "", "C", ["A", "C"], ["A", "C"]],
    [null, "B", "", ["B"], ["B"]],
    [undefined, undefined, "C", ["C"], ["C"]],
  ] as const) {
    test(`sha256 ${inspect([own, remote, actor])}`, () => {
      assertDocument(sha256(own, remote, actor), { process: { hash: { sha256: value } }, related: { hash: all } });
    });
  }
});

describe("copies of an event", () => {
  test("hashes of a file are single values", () => {
    assertDocument(
      { action_file_md5: "A", action_file_sha256: "B" },
      { file: { hash: { md5: "A", sha256: "B" } }, related: { hash: ["A", "B"] } },
    );
  });
  for (const value of [0, false, " ", ["a", 0], { a: 1 }]) {
    test(`${inspect(value)} is copied`, () => {
      assertDocument({ action_file_group: value }, { file: { gid: value } });
      assertDocument({ action_module_path: value }, { package: { path: value } });
    });
  }
  for (const value of [null, "", undefined, [], {}, [""], [null, { a: [] }]]) {
    test(`${inspect(value, { depth: Infinity })} leaves nothing`, () => {
      assertDocument({ action_file_group: value, action_file_owner: value, event_id: value, agent_id: value }, {});
    });
  }
  test("file attributes are a list, also of one", () => {
    assertDocument({ action_file_attributes: "hidden" }, { file: { attributes: ["hidden"] } });
    assertDocument({ action_file_attributes: false }, { file: { attributes: ["false"] } });
    assertDocument({ action_file_attributes: "" }, {});
    assertDocument({ action_file_attributes: null }, {});
  });
});

describe("uuid of an event", () => {
  for (const [id, uuid, entity] of [
    ["A", "B", "A"],
    ["A", "", "A"],
    ["A", undefined, "A"],
    [0, "B", 0],
    ["", "B", "B"],
    [null, "B", "B"],
    [undefined, "B", "B"],
  ] as const) {
    test(`${inspect([id, uuid])} gives ${entity}`, () => {
      assertDocument({ _id: id, uuid }, { process: { entity_id: entity } });
    });
  }
});

describe("lists that only lists reach", () => {
  const SOURCES = [
    ["action_file_name", "action.file.name", (name: unknown) => ({ file: { name } })],
    ["action_file_path", "action.file.path", (path: unknown) => ({ file: { path } })],
    [
      "action_process_signature_status",
      "action.process.signature_status",
      (status: unknown) => ({ process: { code_signature: { status } } }),
    ],
  ] as const;
  for (const [field, vendor, document] of SOURCES) {
    test(`${field}: each element as text, without repeats and empties`, () => {
      const given = ["b", "", "a", null, 1, "b", true, "1", " "];
      assertDocument({ [field]: given }, document(["b", "a", "1", "true", " "]));
      const full = {
        ...document(["b", "a", "1", "true", " "]),
        ...vendorField(vendor, ["b", "a", 1, "b", true, "1", " "]),
        ...TAGGED,
      };
      assertDocument({ [field]: given }, full, { preserveDuplicates: true });
    });
    for (const single of ["a", 1, 0, true, " "]) {
      test(`${field}: ${inspect(single)} reaches none and is lost with the duplicates`, () => {
        assertDocument({ [field]: single }, {});
        assertDocument(
          { [field]: single },
          { ...vendorField(vendor, single), ...TAGGED },
          { preserveDuplicates: true },
        );
      });
    }
    test(`${field}: what is empty leaves nothing`, () => {
      for (const value of [null, "", [], [""], [null]]) {
        assertDocument({ [field]: value }, {});
        assertDocument({ [field]: value }, TAGGED, { preserveDuplicates: true });
      }
    });
  }
});

describe("what is empty in an event", () => {
  test("goes at every depth, and what becomes empty by it", () => {
    const given = [null, "", [], {}, [[""]], { a: null, b: { c: [{ d: "" }] } }, { e: 1, f: [null, 2] }, [[3, []]]];
    assertDocument({ action_process_token: given }, vendorField("action.process.token", [{ e: 1, f: [2] }, [[3]]]));
  });
  test("goes in copies, too", () => {
    const given = { image_base: "1", rest: { size: "", parts: [null] } };
    const held = { image_base: "1" };
    const document = { process: { pe: { description: held } } };
    assertDocument({ action_process_pe_load_info: given }, document);
    const full = { ...document, ...vendorField("action.process.pe_load_info", held), ...TAGGED };
    assertDocument({ action_process_pe_load_info: given }, full, { preserveDuplicates: true });
  });
  test("is neither 0, nor false, nor blanks", () => {
    const given = [0, false, " ", { a: 0, b: false, c: "\t" }];
    assertDocument({ action_process_token: given }, vendorField("action.process.token", given));
    assertDocument(
      { action_file_device_type: 0, action_powered_off: false, action_user_status: " " },
      vendorField("action", { file: { device_type: 0 }, powered_off: false, user_status: " " }),
    );
  });
  test("leaves no object on the way to it", () => {
    assertDocument({ action_file_owner: "", action_module_md5: null, agent_os_type: [] }, {});
    assertDocument({ action_file_owner: {}, event_type: 1 }, vendorField("event_type", 1));
  });
});
