import { mulberry32 } from "../support/virtual-random";
import { ALERT_KEYS, EVENT_KEYS, nulls, V2_KEYS } from "../support/simulated-tenant/reading/alert-keys";

/** When one alert was detected, and when the tenant stored it, epoch milliseconds. */
export interface AlertTimes {
  readonly detectionMs: number;
  readonly insertMs: number;
}

/** Shortest and longest time from detection to storage, milliseconds, as seen on a tenant. */
const DELAY_MS = [7_000, 627_000] as const;

/** Alert `index` of `count` that are spread evenly over the time from `fromMs` to `toMs`. */
export function timesOf(index: number, count: number, fromMs: number, toMs: number): AlertTimes {
  const insertMs = Math.floor(fromMs + ((index + 1) * (toMs - fromMs)) / (count + 1));
  const [shortest, longest] = DELAY_MS;
  return { insertMs, detectionMs: insertMs - Math.floor(shortest + mulberry32(index)() * (longest - shortest)) };
}

const KINDS = [endpointAlert, endpointAlert, firewallAlert, analyticsAlert] as const;

/** An alert as `v2/alerts/get_alerts_multi_events` has it: every documented key, most of them null. The same for the same index. */
export function alertOf(index: number, { detectionMs, insertMs }: AlertTimes): Record<string, unknown> {
  const random = mulberry32(index + 1_000_000_007);
  const kind = KINDS[Math.floor(random() * KINDS.length)] ?? endpointAlert;
  return {
    ...nulls([...ALERT_KEYS, ...EVENT_KEYS, ...V2_KEYS]),
    external_id: hex(random, 32),
    alert_id: String(100_000 + index),
    severity: oneOf(random, ["informational", "low", "medium", "medium", "high", "critical"]),
    matching_status: "UNMATCHABLE",
    attempt_counter: 0,
    is_whitelisted: false,
    starred: random() < 0.1,
    detection_timestamp: detectionMs,
    local_insert_ts: insertMs,
    last_modified_ts: insertMs,
    event_timestamp: [detectionMs],
    agent_is_vdi: false,
    agent_os_type: "NO_HOST",
    contains_featured_host: ["NO"],
    contains_featured_user: ["NO"],
    contains_featured_ip: ["NO"],
    alert_type: "Unclassified",
    case_id: 4_000 + Math.floor(index / 7),
    resolution_status: "STATUS_010_NEW",
    tags: ["DS:PANW/XDR Agent", "DOM:Security"],
    original_tags: ["DS:PANW/XDR Agent", "DOM:Security"],
    mac_address: [],
    is_pcap: false,
    ...kind(random, detectionMs),
  };
}

function endpointAlert(random: () => number, detectionMs: number): Record<string, unknown> {
  const file = `${hex(random, 8)}.tmp.exe`;
  const host = `ws-${hex(random, 6)}`;
  const user = `corp\\user${Math.floor(random() * 3_000)}`;
  const sha256 = hex(random, 64);
  return {
    name: "WildFire Malware",
    category: "Malware",
    source: "XDR Agent",
    action: "BLOCKED",
    action_pretty: "Prevented (Blocked)",
    description: `Suspicious executable detected: C:\\Users\\Public\\Downloads\\${file}`,
    endpoint_id: hex(random, 32),
    host_name: host,
    host_ip: [address(random)],
    mac_address: [hex(random, 12).replace(/(..)(?!$)/g, "$1:")],
    agent_version: "8.5.0.48421",
    agent_device_domain: "corp.example.net",
    agent_fqdn: `${host}.corp.example.net`,
    agent_os_type: "Windows",
    agent_os_sub_type: "Windows 11",
    agent_install_type: "STANDARD",
    agent_data_collection_status: true,
    agent_host_boot_time: [detectionMs - Math.floor(random() * 864_000_000)],
    event_type: ["Process Execution"],
    event_sub_type: [1],
    event_id: [Buffer.from(hex(random, 18)).toString("base64")],
    module_id: ["WildFire"],
    association_strength: [50],
    story_id: null,
    user_name: [user],
    actor_process_instance_id: [Buffer.from(hex(random, 24)).toString("base64")],
    actor_process_image_path: ["C:\\Windows\\explorer.exe"],
    actor_process_image_name: ["explorer.exe"],
    actor_process_command_line: ['"C:\\Windows\\explorer.exe" /NOUACCHECK'],
    actor_process_signature_status: ["SIGNATURE_SIGNED"],
    actor_process_signature_vendor: ["Microsoft Corporation"],
    actor_process_image_sha256: [hex(random, 64)],
    actor_process_image_md5: [hex(random, 32)],
    actor_process_causality_id: [Buffer.from(hex(random, 24)).toString("base64")],
    actor_process_os_pid: [Math.floor(random() * 60_000)],
    actor_thread_thread_id: [Math.floor(random() * 60_000)],
    causality_actor_process_image_path: ["C:\\Windows\\explorer.exe"],
    causality_actor_process_image_name: ["explorer.exe"],
    causality_actor_process_command_line: ['"C:\\Windows\\explorer.exe" /NOUACCHECK'],
    causality_actor_process_signature_status: ["SIGNATURE_SIGNED"],
    causality_actor_process_signature_vendor: ["Microsoft Corporation"],
    causality_actor_process_image_sha256: [hex(random, 64)],
    causality_actor_process_execution_time: [detectionMs - Math.floor(random() * 3_600_000)],
    causality_actor_causality_id: [Buffer.from(hex(random, 24)).toString("base64")],
    action_file_path: [`C:\\Users\\Public\\Downloads\\${file}`],
    action_file_name: [file],
    action_file_md5: [hex(random, 32)],
    action_file_sha256: [sha256],
    action_process_image_name: [file],
    action_process_image_sha256: [sha256],
    action_process_image_command_line: [
      `"C:\\Users\\Public\\Downloads\\${file}" --install --channel=${hex(random, 12)}`,
    ],
    action_process_signature_status: ["SIGNATURE_UNSIGNED"],
    action_country: ["UNKNOWN"],
    mitre_technique_id_and_name: ["T1204.002 - User Execution: Malicious File"],
    mitre_tactic_id_and_name: ["TA0002 - Execution"],
  };
}

function firewallAlert(random: () => number): Record<string, unknown> {
  return {
    name: `Sample C2 Beacon (${Math.floor(86_000 + random() * 4_000)})`,
    category: "Spyware Detected via Anti-Spyware profile",
    source: "PAN NGFW",
    action: "BLOCKED_9",
    action_pretty: "Prevented (Blocked)",
    description: "A spyware signature matched the traffic of a host behind the firewall.",
    host_ip: [address(random)],
    event_type: ["Network Event"],
    event_id: [Buffer.from(hex(random, 18)).toString("base64")],
    action_local_ip: [address(random)],
    action_local_port: [Math.floor(32_768 + random() * 28_000)],
    action_remote_ip: [`203.0.113.${Math.floor(random() * 255)}`],
    action_remote_port: [443],
    action_external_hostname: [`${hex(random, 10)}.c2.example.net`],
    action_country: ["NL"],
    fw_app_id: ["web-browsing"],
    fw_interface_from: ["trust"],
    fw_interface_to: ["untrust"],
    fw_rule: ["Users-to-Internet"],
    fw_rule_id: [Math.floor(random() * 400)],
    fw_device_name: ["fw-edge-01"],
    fw_serial_number: ["019901000123"],
    fw_url_domain: [`${hex(random, 10)}.c2.example.net`],
    fw_app_subcategory: ["internet-utility"],
    fw_app_category: ["general-internet"],
    fw_app_technology: ["browser-based"],
    fw_vsys: ["vsys1"],
    fw_misc: [`${hex(random, 10)}.c2.example.net/gate.php?id=${Math.floor(random() * 1e6)}`],
    fw_is_phishing: ["N/A"],
    mitre_technique_id_and_name: ["T1071.001 - Application Layer Protocol: Web Protocols"],
    mitre_tactic_id_and_name: ["TA0011 - Command and Control"],
  };
}

/** One with several events: each list holds as many values. */
function analyticsAlert(random: () => number, detectionMs: number): Record<string, unknown> {
  const times = [0, 1, 2, 3].map((event) => detectionMs - event * 61_000);
  const each = <T>(make: () => T): T[] => times.map(make);
  return {
    name: "Uncommon remote service start",
    category: "Lateral Movement",
    source: "XDR Analytics",
    action: "DETECTED",
    action_pretty: "Detected",
    description: `A service was started on ${Math.floor(random() * 9) + 2} hosts by an account that never did so before.`,
    matching_service_rule_id: hex(random, 32),
    variation_rule_id: hex(random, 32),
    host_name: `srv-${hex(random, 6)}`,
    host_ip: [address(random)],
    endpoint_id: hex(random, 32),
    agent_os_type: "Windows",
    event_type: each(() => "RPC Call"),
    event_sub_type: each(() => 5),
    event_timestamp: times,
    event_id: each(() => Buffer.from(hex(random, 18)).toString("base64")),
    user_name: each(() => `corp\\svc${Math.floor(random() * 300)}`),
    actor_process_image_path: each(() => "C:\\Windows\\System32\\svchost.exe"),
    actor_process_image_name: each(() => "svchost.exe"),
    actor_process_command_line: each(() => "C:\\Windows\\system32\\svchost.exe -k netsvcs -p -s Schedule"),
    actor_process_os_pid: each(() => Math.floor(random() * 60_000)),
    actor_process_image_sha256: each(() => hex(random, 64)),
    action_local_ip: each(() => address(random)),
    action_remote_ip: each(() => address(random)),
    action_remote_port: each(() => 135),
    action_country: each(() => "-"),
    mitre_technique_id_and_name: ["T1021.002 - Remote Services: SMB/Windows Admin Shares"],
    mitre_tactic_id_and_name: ["TA0008 - Lateral Movement"],
  };
}

function oneOf<T>(random: () => number, values: readonly [T, ...T[]]): T {
  return values[Math.floor(random() * values.length)] ?? values[0];
}

function hex(random: () => number, length: number): string {
  return Array.from({ length }, () => "0123456789abcdef".charAt(Math.floor(random() * 16))).join("");
}

function address(random: () => number): string {
  return `10.${Math.floor(random() * 256)}.${Math.floor(random() * 256)}.${Math.floor(random() * 256)}`;
}
