import { alertV2 } from "./alert-least";
import type { RowCase } from "./row-cases";

/** The user, the firewall, mails and clouds: fields of the events, in v2. */
export const USER_CASES: readonly RowCase[] = [
  {
    what: "two back slashes part domain and user; the user is the source's, too",
    record: alertV2({ user_name: ["CORP\\\\Lee"] }),
    document: {
      user: { domain: "CORP", name: "Lee" },
      source: { user: { domain: "CORP", name: "Lee" } },
      related: { user: ["Lee"] },
    },
  },
  {
    what: "one back slash parts domain and user, and only the first user counts",
    record: alertV2({ user_name: ["CORP\\Lee", "CORP\\Kim"] }),
    document: {
      user: { domain: "CORP", name: "Lee" },
      source: { user: { domain: "CORP", name: "Lee" } },
      related: { user: ["Lee"] },
    },
  },
  {
    what: "an at sign parts user and domain",
    record: alertV2({ user_name: ["lee@corp"] }),
    document: {
      user: { domain: "corp", name: "lee" },
      source: { user: { domain: "corp", name: "lee" } },
      related: { user: ["lee"] },
    },
  },
  {
    what: "an at sign and a dot in the first user make mail addresses of all",
    record: alertV2({ user_name: ["lee@corp.example", "CORP\\Kim"] }),
    document: {
      user: {
        domain: "corp.example",
        name: "lee",
        email: ["lee@corp.example", "CORP\\Kim"],
        id: ["lee@corp.example", "CORP\\Kim"],
      },
      source: {
        user: {
          domain: "corp.example",
          name: "lee",
          email: ["lee@corp.example", "CORP\\Kim"],
          id: ["lee@corp.example", "CORP\\Kim"],
        },
      },
      related: { user: ["lee"] },
    },
  },
  {
    what: "a mail address of the second user is none",
    record: alertV2({ user_name: ["lee.long", "kim@corp.example"] }),
    document: { user: { name: "lee.long" }, source: { user: { name: "lee.long" } }, related: { user: ["lee.long"] } },
  },
  {
    what: "one back slash counts before an at sign",
    record: alertV2({ user_name: ["CORP\\lee@corp"] }),
    document: {
      user: { domain: "CORP", name: "lee@corp" },
      source: { user: { domain: "CORP", name: "lee@corp" } },
      related: { user: ["lee@corp"] },
    },
  },
  {
    what: "the first user that is no null counts",
    record: alertV2({ user_name: [null, "", "lee"] }),
    document: { user: { name: "lee" }, source: { user: { name: "lee" } }, related: { user: ["lee"] } },
  },
  { what: "a single user is ignored", record: alertV2({ user_name: "CORP\\Lee" }), document: {} },
  {
    what: "the user stands beside the source's address and port",
    record: alertV2({ user_name: ["lee"], action_local_ip: ["192.0.2.15"], action_local_port: [50_123] }),
    document: {
      user: { name: "lee" },
      source: { user: { name: "lee" }, ip: ["192.0.2.15"], port: [50_123] },
      related: { user: ["lee"] },
    },
  },
  {
    what: "the firewalls' rules, interfaces and serial numbers move",
    record: alertV2({
      ...{ fw_rule: ["Outbound", "Outbound"], fw_rule_id: ["rule-9"], fw_interface_from: ["ethernet1/1"] },
      ...{ fw_interface_to: ["ethernet1/2"], fw_serial_number: ["007051000012345"], fw_device_name: ["fw-1"] },
    }),
    document: {
      rule: { name: ["Outbound", "Outbound"], id: ["rule-9"] },
      observer: {
        ingress: { interface: { name: ["ethernet1/1"] } },
        egress: { interface: { name: ["ethernet1/2"] } },
        serial_number: ["007051000012345"],
      },
      panw_cortex: { xdr: { fw_device_name: ["fw-1"] } },
    },
  },
  {
    what: "subjects, senders and recipients of mails are added, each once",
    record: alertV2({
      fw_email_subject: ["Your invoice", "Your order", "Your invoice"],
      fw_email_sender: ["billing@bad.example", "billing@bad.example"],
      fw_email_recipient: ["lee@corp.example", "kim@corp.example", "lee@corp.example"],
    }),
    document: {
      email: {
        subject: ["Your invoice", "Your order"],
        from: { address: ["billing@bad.example"] },
        to: { address: ["lee@corp.example", "kim@corp.example"] },
      },
    },
  },
  {
    what: "a single subject is copied, a single sender or recipient added",
    record: alertV2({
      fw_email_subject: "Your invoice",
      fw_email_sender: "billing@bad.example",
      fw_email_recipient: "lee@corp.example",
    }),
    document: {
      email: {
        subject: "Your invoice",
        from: { address: ["billing@bad.example"] },
        to: { address: ["lee@corp.example"] },
      },
    },
  },
  {
    what: "cloud and container move",
    record: alertV2({ cloud_provider: ["AWS"], container_id: "c0ffee", container_name: "web" }),
    document: {
      cloud: { provider: ["AWS"] },
      container: { id: "c0ffee" },
      panw_cortex: { xdr: { container_name: "web" } },
    },
  },
  {
    what: "what the vendor says of the hosts and users stays",
    record: alertV2({ contains_featured_host: ["NO"], contains_featured_user: ["YES"], dst_agent_id: ["0f3e"] }),
    document: {
      panw_cortex: {
        xdr: { contains_featured_host: ["NO"], contains_featured_user: ["YES"], dst_agent_id: ["0f3e"] },
      },
    },
  },
];
