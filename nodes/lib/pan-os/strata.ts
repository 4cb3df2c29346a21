import { directionWord, isBareNumber, miscOf, setField, versionOfConfig } from "./field-rules";
import { newFields, type DecodedRecord } from "./record";

/**
 * Keys of the service's JSON -> PAN-OS variables; of two for one variable the first counts.
 * Source: Strata Logging Service, "Log Forwarding Schema Reference", network threat and URL logs.
 */
export const STRATA_VARIABLES: ReadonlyMap<string, string> = new Map(
  `LogType:type Subtype:subtype SubType:subtype TimeGeneratedHighResolution:high_res_timestamp TimeGenerated:time_generated
   TimeReceived:receive_time SourceAddress:src SourcePort:sport DestinationAddress:dst DestinationPort:dport NATSource:natsrc
   NATSourcePort:natsport NATDestination:natdst NATDestinationPort:natdport Rule:rule RuleUUID:rule_uuid SourceUser:srcuser
   Users:srcuser DestinationUser:dstuser Application:app Protocol:proto FromZone:from ToZone:to VirtualLocation:vsys
   SessionID:sessionid RepeatCount:repeatcnt Action:action VendorSeverity:severity DirectionOfAttack:direction ThreatID:threatid
   ThreatNameFirewall:threat_name ThreatName:threat_name ThreatCategory:thr_category URL:misc FileName:misc URLCategory:category
   URLCategoryList:url_category_list FileType:filetype FileHash:filedigest DeviceSN:serial DeviceName:device_name
   ConfigVersion:sender_sw_version SequenceNo:seqno PacketID:pcap_id ReportID:reportid UserAgent:user_agent X-Forwarded-For:xff
   X-Forwarded-ForIP:xff_ip Referer:referer HTTPMethod:http_method ApplianceOrCloud:cloud InboundInterface:inbound_if
   OutboundInterface:outbound_if LogSetting:logset SourceLocation:srcloc DestinationLocation:dstloc ContentType:contenttype
   DGHierarchyLevel1:dg_hier_level_1 DGHierarchyLevel2:dg_hier_level_2 DGHierarchyLevel3:dg_hier_level_3
   DGHierarchyLevel4:dg_hier_level_4 VirtualSystemName:vsys_name Tunnel:tunnel ContentVersion:contentver HTTPHeaders:http_headers
   DynamicUserGroupName:dynusergroup_name SourceDeviceHost:src_host DestinationDeviceHost:dst_host SourceDeviceMac:src_mac
   DestinationDeviceMac:dst_mac HostID:hostid EndpointSerialNumber:serialnumber`
    .split(/\s+/)
    .map((pair) => pair.split(":"))
    .map(([key = "", name = ""]) => [key, name]),
);

/** Keys that no hand-made template would have: one of them is needed to take an object for the service's. */
const DISTINCTIVE_KEYS = [
  "LogType",
  "TimeGenerated",
  "TimeGeneratedHighResolution",
  "TimeReceived",
  "SourceAddress",
  "DestinationAddress",
  "VendorSeverity",
  "DirectionOfAttack",
  "DeviceSN",
  "SequenceNo",
] as const;
const MIN_KNOWN_KEYS = 2;

/** Variables that need more than copying, see {@link decodeStrata}. */
const RULED: ReadonlySet<string> = new Set(["misc", "threat_name", "direction", "sender_sw_version", "serial"]);

/** True when the object has the CamelCase keys of Strata Logging Service (formerly Cortex Data Lake). */
export function isStrataRecord(object: Readonly<Record<string, unknown>>): boolean {
  if (!DISTINCTIVE_KEYS.some((key) => Object.hasOwn(object, key))) return false;
  return Object.keys(object).filter((key) => STRATA_VARIABLES.has(key)).length >= MIN_KNOWN_KEYS;
}

/**
 * Reads one record of the service under PAN-OS variable names; its keys that have none are left out, as are nulls and empty texts.
 *
 * Source: Strata Logging Service, "Log Forwarding Schema Reference", network threat and URL logs.
 */
export function decodeStrata(object: Readonly<Record<string, unknown>>): DecodedRecord {
  const fields = newFields();
  const texts = new Map<string, string>();
  for (const [key, name] of STRATA_VARIABLES) {
    const text = Object.hasOwn(object, key) ? textOf(object[key]) : "";
    if (text === "") continue;
    texts.set(key, text);
    if (!RULED.has(name)) setField(fields, name, text);
  }
  setField(fields, "misc", miscOf(fields["subtype"], texts.get("URL"), texts.get("FileName")));
  setField(fields, "direction", directionWord(texts.get("DirectionOfAttack") ?? ""));
  setField(fields, "sender_sw_version", versionOfConfig(texts.get("ConfigVersion")));
  const serial = texts.get("DeviceSN");
  if (serial?.toLowerCase() !== "no-serial") setField(fields, "serial", serial);
  const names = [texts.get("ThreatNameFirewall"), texts.get("ThreatName")];
  setField(
    fields,
    "threat_name",
    names.find((name) => name !== undefined && !isBareNumber(name)),
  );
  setField(
    fields,
    "category",
    fields["url_category_list"]?.split(",").find((category) => category.trim() !== ""),
  );
  return { format: "strata-json", fields, repairs: [], warnings: [] };
}

/** Text of a scalar without NULs; a list's scalars by comma; empty for everything else. */
function textOf(value: unknown): string {
  if (typeof value === "string") return value.replaceAll("\0", "");
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint") return String(value);
  return Array.isArray(value) ? value.map((item) => (Array.isArray(item) ? "" : textOf(item))).join(",") : "";
}
