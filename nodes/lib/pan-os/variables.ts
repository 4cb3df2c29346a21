/**
 * The `$variables` of the log types that can become alerts.
 * Source: PAN-OS Administrator's Guide, "Syslog Field Descriptions", and public payload templates for 9.1 to 11.2.
 */
const VARIABLE_NAMES = `
type subtype receive_time time_generated cef-formatted-receive_time cef-formatted-time_generated high_res_timestamp
serial device_name sender_sw_version vsys vsys_name vsys_id seqno actionflags
dg_hier_level_1 dg_hier_level_2 dg_hier_level_3 dg_hier_level_4
src dst sport dport natsrc natdst natsport natdport proto app rule rule_uuid srcuser dstuser from to inbound_if
outbound_if logset sessionid sessionid_64 repeatcnt flags action misc threatid threat_name thr_category category
severity number-of-severity cef-number-of-severity direction srcloc dstloc contenttype user_agent xff referer
http_method http_headers xff_ip pcap_id filedigest cloud filetype sender subject recipient reportid url_idx
url_category_list file_url contentver sig_flags src_uuid dst_uuid tunnelid imsi monitortag imei parent_session_id
parent_start_time tunnel assoc_id ppid http2_connection dynusergroup_name src_category src_profile src_model
src_vendor src_osfamily src_osversion src_host src_mac dst_category dst_profile dst_model dst_vendor dst_osfamily
dst_osversion dst_host dst_mac container_id pod_namespace pod_name src_edl dst_edl domain_edl hostid serialnumber
src_dag dst_dag partial_hash reason justification nssai_sst subcategory_of_app category_of_app technology_of_app
risk_of_app characteristic_of_app container_of_app tunneled_app is_saas_of_app sanctioned_state_of_app
cloud_reportid cluster_name flow_type additional_headers local_deep_learning k8s_cluster_id security_key
s_encrypted s_decrypted vpc_id endpoint_id time_received bytes bytes_sent bytes_received packets pkts_sent
pkts_received start elapsed session_end_reason action_source link_change_count policy_id link_switches
session_owner offloaded sni cn issuer_cn tls_version err_index error policy_name proxy_type root_status chain_status
eventid status stage public_ip public_ipv6 private_ip machinename client_os error_code opaque portal gateway
auth_method srcregion ip user event module object object_id object_name evidence host cmd admin client result path`;

/** Shorter names that templates use for a variable whose own name is awkward as a key. */
const ALIASES: Readonly<Record<string, string>> = {
  cef_time: "cef-formatted-time_generated",
  high_res: "high_res_timestamp",
  version: "sender_sw_version",
};

/** Every PAN-OS variable the parser knows. */
export const KNOWN_VARIABLES: ReadonlySet<string> = new Set(VARIABLE_NAMES.trim().split(/\s+/));

/**
 * Variables whose text comes from outside the firewall's configuration: whoever sends traffic can put quotes, keys and
 * line breaks into them, so nothing after one of them in a broken body is trusted to be what it looks like.
 */
export const OUTSIDE_VARIABLES: ReadonlySet<string> = new Set(
  "misc user_agent referer xff http_headers additional_headers sender subject recipient file_url cn issuer_cn sni opaque error evidence".split(
    " ",
  ),
);

/** Variables in which a backslash is a backslash: a control character there is a misread `\n`, `\t`, ... */
export const BACKSLASH_VARIABLES: ReadonlySet<string> = new Set(
  "misc srcuser dstuser user rule file_url path referer user_agent machinename".split(" "),
);

/** The PAN-OS name of a template's key, or undefined when the key means nothing to us. */
export function variableOf(key: string): string | undefined {
  if (KNOWN_VARIABLES.has(key)) return key;
  return Object.hasOwn(ALIASES, key) ? ALIASES[key] : undefined;
}

/** How an old firewall may have cut a newer variable in two: a known shorter name and the text after it. */
export interface Halves {
  readonly prefix: string;
  readonly suffix: string;
}

/** `rule_uuid` -> `rule` + `_uuid`, for all variables whose beginning is itself a variable. */
export const HALVES: ReadonlyMap<string, readonly Halves[]> = halvesOfAll();

function halvesOfAll(): Map<string, Halves[]> {
  const table = new Map<string, Halves[]>();
  for (const name of KNOWN_VARIABLES) {
    const halves: Halves[] = [];
    for (let at = name.indexOf("_"); at > 0; at = name.indexOf("_", at + 1)) {
      const prefix = name.slice(0, at);
      if (KNOWN_VARIABLES.has(prefix)) halves.push({ prefix, suffix: name.slice(at) });
    }
    if (halves.length > 0) table.set(name, halves);
  }
  return table;
}
