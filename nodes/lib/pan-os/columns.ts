/** `-` in a table: a column without a variable of its own. */
export const NO_VARIABLE = "-";

const HEAD = "- receive_time serial type subtype - time_generated";

const SESSION = `${HEAD} src dst natsrc natdst rule srcuser dstuser app vsys from to inbound_if outbound_if logset -
  sessionid repeatcnt sport dport natsport natdport flags proto action`;

const GROUPS = "dg_hier_level_1 dg_hier_level_2 dg_hier_level_3 dg_hier_level_4";

const DEVICE_ID = `src_category src_profile src_model src_vendor src_osfamily src_osversion src_host src_mac
  dst_category dst_profile dst_model dst_vendor dst_osfamily dst_osversion dst_host dst_mac`;

const APP = `subcategory_of_app category_of_app technology_of_app risk_of_app characteristic_of_app container_of_app
  tunneled_app is_saas_of_app sanctioned_state_of_app`;

const THREAT = `${SESSION} misc threatid category severity direction seqno actionflags srcloc dstloc - contenttype pcap_id
  filedigest cloud url_idx user_agent filetype xff referer sender subject recipient reportid ${GROUPS} vsys_name device_name
  file_url src_uuid dst_uuid http_method tunnelid monitortag parent_session_id parent_start_time tunnel thr_category
  contentver sig_flags assoc_id ppid http_headers
  url_category_list rule_uuid http2_connection dynusergroup_name
  xff_ip ${DEVICE_ID} container_id pod_namespace pod_name src_edl dst_edl hostid serialnumber domain_edl src_dag dst_dag
  partial_hash high_res_timestamp reason justification nssai_sst ${APP} cloud_reportid
  cluster_name flow_type`;

const TRAFFIC = `${SESSION} bytes bytes_sent bytes_received packets start elapsed category - seqno actionflags srcloc dstloc -
  pkts_sent pkts_received session_end_reason ${GROUPS} vsys_name device_name action_source src_uuid dst_uuid tunnelid monitortag
  parent_session_id parent_start_time tunnel assoc_id - - -
  rule_uuid http2_connection link_change_count policy_id link_switches - - - - dynusergroup_name
  xff_ip ${DEVICE_ID} container_id pod_namespace pod_name src_edl dst_edl hostid serialnumber src_dag dst_dag
  session_owner high_res_timestamp nssai_sst - ${APP} offloaded
  flow_type cluster_name`;

const SYSTEM = `${HEAD} vsys eventid object - - module severity opaque seqno actionflags ${GROUPS}
  vsys_name device_name`;

const CONFIG = `${HEAD} host vsys cmd admin client result path`;

const CORRELATION = `${HEAD} src srcuser vsys category severity ${GROUPS} vsys_name device_name vsys_id object_name object_id evidence`;

const GLOBALPROTECT = `${HEAD} vsys eventid stage auth_method tunnel_type srcuser srcregion machinename public_ip public_ipv6
  private_ip private_ipv6`;

/**
 * Variables of a log type's CSV columns, first column first. Newer releases only append columns, so a table fits every older row and
 * the known part of every newer one.
 *
 * Source: PAN-OS Administrator's Guide, "Syslog Field Descriptions", releases 8.1 to 11.0, checked against public rows.
 */
const TABLES: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    THREAT,
    URL: THREAT,
    WILDFIRE: THREAT,
    DATA: THREAT,
    TRAFFIC,
    SYSTEM,
    CONFIG,
    CORRELATION,
    GLOBALPROTECT,
  }).map(([type, table]) => [type, table.split(/\s+/)]),
);

const HEAD_COLUMNS = HEAD.split(" ");

/** The columns of a log type (`THREAT`, ...); the seven that all types share when the type is not known. */
export function columnsOf(type: string): readonly string[] {
  return TABLES.get(type.toUpperCase()) ?? HEAD_COLUMNS;
}

/** True for the types whose table is only the beginning of the row: a high-resolution time may stand anywhere behind it. */
export function isHeadOnly(type: string): boolean {
  return !columnsOf(type).includes("high_res_timestamp");
}
