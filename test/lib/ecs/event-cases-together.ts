import type { RowCase } from "./row-cases";

/** Cases of several rows at once: the order inside lists, repeats, and names made of two fields. */
export const TOGETHER: readonly RowCase[] = [
  {
    what: "hashes are gathered in the order of the mapping, not of the record",
    record: {
      os_actor_process_image_sha256: "j",
      os_actor_process_image_md5: "i",
      action_remote_process_image_sha256: "h",
      action_remote_process_image_md5: "g",
      action_process_image_sha256: "f",
      action_process_image_md5: "e",
      action_module_sha256: "d",
      action_module_md5: "c",
      action_file_sha256: "b",
      action_file_md5: "a",
    },
    document: {
      file: { hash: { md5: "a", sha256: "b" } },
      process: { hash: { md5: ["e", "g", "i"], sha256: ["f", "h", "j"] } },
      related: { hash: ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"] },
      panw_cortex: { xdr: { event: { action: { module: { md5: "c", sha256: "d" } } } } },
    },
  },
  {
    what: "addresses and ports are gathered in the order of the mapping",
    record: {
      os_actor_remote_ip: "192.0.2.6",
      os_actor_local_ip: "192.0.2.5",
      os_actor_local_port: 3,
      agent_ip_addresses_v6: ["2001:db8::4"],
      agent_ip_addresses: "192.0.2.3",
      action_remote_ip: ["192.0.2.2"],
      action_remote_port: [4],
      action_local_ip: ["192.0.2.1"],
      action_local_port: [2, 1],
    },
    document: {
      source: { ip: ["192.0.2.1", "192.0.2.5"], port: [2, 1, 3] },
      destination: { ip: ["192.0.2.2", "192.0.2.6"], port: [4] },
      related: { ip: ["192.0.2.1", "192.0.2.2", "192.0.2.3", "2001:db8::4", "192.0.2.5", "192.0.2.6"] },
      panw_cortex: { xdr: { event: { agent: { ip_addresses: ["192.0.2.3"], ip_addresses_v6: ["2001:db8::4"] } } } },
    },
  },
  {
    what: "users are gathered in the order of the mapping",
    record: {
      os_actor_primary_username: "h",
      os_actor_primary_user_sid: "g",
      action_username: "f",
      action_user_status_sid: "e",
      action_remote_process_username: "d",
      action_remote_process_user_sid: "c",
      action_process_username: "b",
      action_process_user_sid: "a",
    },
    document: {
      process: { entry_leader: { attested_user: { id: "a", name: "b" }, user: { id: "c", name: "d" } } },
      user: { id: ["e", "g"], name: ["f", "h"] },
      related: { user: ["a", "b", "c", "d", "e", "f", "g", "h"] },
    },
  },
  {
    what: "a host has its full name in lower case, and hosts are gathered as they are written",
    record: { host_metadata_hostname: "Dc01", host_metadata_domain: "East.Example", agent_hostname: "DC01" },
    document: {
      host: { domain: "East.Example", hostname: "dc01", name: "dc01.east.example" },
      related: { hosts: ["DC01", "East.Example", "Dc01", "dc01.east.example"] },
      panw_cortex: { xdr: { event: { agent: { hostname: "DC01" } } } },
    },
  },
  {
    what: "a host that is written the same is gathered once",
    record: { host_metadata_hostname: "dc01", host_metadata_domain: "east", agent_hostname: "dc01.east" },
    document: {
      host: { domain: "east", hostname: "dc01", name: "dc01.east" },
      related: { hosts: ["dc01.east", "east", "dc01"] },
      panw_cortex: { xdr: { event: { agent: { hostname: "dc01.east" } } } },
    },
  },
  {
    what: "a host without a domain has no full name",
    record: { host_metadata_hostname: "DC01", host_metadata_domain: "" },
    document: { host: { hostname: "dc01" }, related: { hosts: ["DC01"] } },
  },
  {
    what: "a domain without a host has no full name",
    record: { host_metadata_hostname: null, host_metadata_domain: "East" },
    document: { host: { domain: "East" }, related: { hosts: ["East"] } },
  },
  {
    what: "the same value everywhere is gathered once",
    record: {
      action_file_md5: "a",
      action_process_image_md5: "a",
      action_remote_process_image_md5: "a",
      os_actor_process_image_md5: "a",
      action_local_ip: ["192.0.2.1", "192.0.2.1"],
      action_local_port: [80, "80"],
      os_actor_local_ip: "192.0.2.1",
      os_actor_local_port: "0x50",
      action_remote_ip: ["192.0.2.1"],
      os_actor_remote_ip: "192.0.2.1",
      action_process_username: "u",
      os_actor_primary_username: "u",
    },
    document: {
      file: { hash: { md5: "a" } },
      process: { hash: { md5: "a" }, entry_leader: { attested_user: { name: "u" } } },
      source: { ip: ["192.0.2.1"], port: [80] },
      destination: { ip: ["192.0.2.1"] },
      user: { name: ["u"] },
      related: { hash: ["a"], ip: ["192.0.2.1"], user: ["u"] },
    },
  },
  {
    what: "lists hold texts, also of numbers; single values keep their type",
    record: {
      action_file_attributes: 128,
      action_file_md5: 7,
      action_file_name: [1, true, "a"],
      action_process_signature_status: [1],
      action_process_username: 0,
    },
    document: {
      file: { attributes: ["128"], hash: { md5: 7 }, name: ["1", "true", "a"] },
      process: { code_signature: { status: ["1"] }, entry_leader: { attested_user: { name: 0 } } },
      related: { hash: ["7"], user: ["0"] },
    },
  },
  {
    what: "an id goes before a uuid",
    record: { uuid: "B", _id: "A" },
    document: { process: { entity_id: "A" } },
  },
  {
    what: "both ids are kept with the duplicates",
    record: { uuid: "B", _id: "A" },
    document: {
      process: { entity_id: "A" },
      panw_cortex: { xdr: { event: { id: "A", uuid: "B" } } },
      tags: ["preserve_duplicate_custom_fields"],
    },
    preserveDuplicates: true,
  },
];
