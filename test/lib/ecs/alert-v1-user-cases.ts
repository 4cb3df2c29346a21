import { alertV1 } from "./alert-least";
import type { RowCase } from "./row-cases";

/** The user, the firewall, mails and clouds: fields of the event, in v1. */
export const USER_CASES: readonly RowCase[] = [
  {
    what: "two back slashes part domain and user",
    record: alertV1({}, { user_name: "CORP\\\\Lee" }),
    document: { user: { domain: "CORP", name: "Lee" }, related: { user: ["Lee"] } },
  },
  {
    what: "one back slash parts domain and user",
    record: alertV1({}, { user_name: "CORP\\Lee" }),
    document: { user: { domain: "CORP", name: "Lee" }, related: { user: ["Lee"] } },
  },
  {
    what: "an at sign parts user and domain",
    record: alertV1({}, { user_name: "lee@corp" }),
    document: { user: { domain: "corp", name: "lee" }, related: { user: ["lee"] } },
  },
  {
    what: "an at sign and a dot make a mail address",
    record: alertV1({}, { user_name: "lee@corp.example" }),
    document: {
      user: { domain: "corp.example", name: "lee", email: "lee@corp.example", id: "lee@corp.example" },
      related: { user: ["lee"] },
    },
  },
  {
    what: "a dot before the at sign makes a mail address, too",
    record: alertV1({}, { user_name: "lee.long@corp" }),
    document: {
      user: { domain: "corp", name: "lee.long", email: "lee.long@corp", id: "lee.long@corp" },
      related: { user: ["lee.long"] },
    },
  },
  {
    what: "the first at sign parts user and domain",
    record: alertV1({}, { user_name: "lee@east@corp.example" }),
    document: {
      user: { domain: "east@corp.example", name: "lee", email: "lee@east@corp.example", id: "lee@east@corp.example" },
      related: { user: ["lee"] },
    },
  },
  {
    what: "one back slash counts before an at sign",
    record: alertV1({}, { user_name: "CORP\\lee@corp.example" }),
    document: {
      user: {
        domain: "CORP",
        name: "lee@corp.example",
        email: "CORP\\lee@corp.example",
        id: "CORP\\lee@corp.example",
      },
      related: { user: ["lee@corp.example"] },
    },
  },
  {
    what: "two back slashes count before an at sign",
    record: alertV1({}, { user_name: "CORP\\\\lee@corp" }),
    document: { user: { domain: "CORP", name: "lee@corp" }, related: { user: ["lee@corp"] } },
  },
  {
    what: "any other text is the name, also with a dot",
    record: alertV1({}, { user_name: "lee.long" }),
    document: { user: { name: "lee.long" }, related: { user: ["lee.long"] } },
  },
  {
    what: "the firewall's rule, interfaces and serial number move",
    record: alertV1(
      {},
      {
        ...{ fw_rule: "Outbound", fw_rule_id: "rule-9", fw_interface_from: "ethernet1/1" },
        ...{ fw_interface_to: "ethernet1/2", fw_serial_number: "007051000012345", fw_device_name: "fw-1" },
      },
    ),
    document: {
      rule: { name: "Outbound", id: "rule-9" },
      observer: {
        ingress: { interface: { name: "ethernet1/1" } },
        egress: { interface: { name: "ethernet1/2" } },
        serial_number: "007051000012345",
      },
      panw_cortex: { xdr: { events: { fw_device_name: "fw-1" } } },
    },
  },
  {
    what: "a mail's subject, sender and recipient are copied",
    record: alertV1(
      {},
      {
        fw_email_subject: "Your invoice",
        fw_email_sender: "billing@bad.example",
        fw_email_recipient: "lee@corp.example",
      },
    ),
    document: {
      email: {
        subject: "Your invoice",
        from: { address: ["billing@bad.example"] },
        to: { address: ["lee@corp.example"] },
      },
      panw_cortex: {
        xdr: {
          events: {
            fw_email_subject: "Your invoice",
            fw_email_sender: "billing@bad.example",
            fw_email_recipient: "lee@corp.example",
          },
        },
      },
    },
  },
  {
    what: "cloud and container have no rule",
    record: alertV1({}, { cloud_provider: "AWS", container_id: "c0ffee" }),
    document: { panw_cortex: { xdr: { events: { cloud_provider: "AWS", container_id: "c0ffee" } } } },
  },
  {
    what: "what the vendor says of the hosts and users stays",
    record: alertV1({ contains_featured_host: "NO" }, { contains_featured_user: "YES", dst_agent_id: "0f3e" }),
    document: {
      panw_cortex: {
        xdr: { contains_featured_host: "NO", events: { contains_featured_user: "YES", dst_agent_id: "0f3e" } },
      },
    },
  },
];
