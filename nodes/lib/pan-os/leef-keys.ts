import { STRATA_VARIABLES } from "./strata";

/** Names of the known templates in lower case; without a variable: the name only ends the value before it. */
const TEMPLATE_KEYS = `
  receivetime:receive_time serialnumber:serial cat:type subtype:subtype devtime:cef-formatted-time_generated src:src dst:dst
  srcpostnat:natsrc dstpostnat:natdst rulename:rule sourceuser:srcuser usrname:srcuser destinationuser:dstuser application:app
  virtualsystem:vsys sourcezone:from destinationzone:to ingressinterface:inbound_if egressinterface:outbound_if
  logforwardingprofile:logset sessionid:sessionid repeatcount:repeatcnt srcport:sport dstport:dport srcpostnatport:natsport
  dstpostnatport:natdport flags:flags proto:proto action:action miscellaneous:misc threatid:threatid urlcategory:category
  sev:number-of-severity severity:severity direction:direction sequence:seqno actionflags:actionflags sourcelocation:srcloc
  destinationlocation:dstloc contenttype:contenttype pcap_id:pcap_id filedigest:filedigest cloud:cloud urlindex:url_idx
  useragent:user_agent requestmethod:http_method filetype:filetype xff:xff identsrc:xff referer:referer sender:sender
  subject:subject recipient:recipient reportid:reportid devicename:device_name vsrcname:vsys_name
  devicegrouphierarchyl1:dg_hier_level_1 devicegrouphierarchyl2:dg_hier_level_2 devicegrouphierarchyl3:dg_hier_level_3
  devicegrouphierarchyl4:dg_hier_level_4 threatcategory:thr_category contentver:contentver ruleuuid:rule_uuid
  url:misc filename:misc devtimeformat: eventid: configversion: users:`;

/** LEEF name in lower case -> PAN-OS variable (empty: known, but without one). The first of two names for one variable counts. */
export const LEEF_KEYS: ReadonlyMap<string, string> = withStrata(
  TEMPLATE_KEYS.trim()
    .split(/\s+/)
    .map((pair) => pair.split(":"))
    .map(([key = "", name = ""]) => [key, name]),
);

/** Names whose values come from outside the firewall's configuration. */
export const LEEF_FREE_TEXT: ReadonlySet<string> = new Set(
  `miscellaneous filename url useragent referer xff identsrc x-forwarded-for sender subject recipient httpheaders`.split(
    " ",
  ),
);

/** The templates of the cloud service use the names of its JSON. */
function withStrata(pairs: (readonly [string, string])[]): ReadonlyMap<string, string> {
  const keys = new Map(pairs);
  for (const [key, name] of STRATA_VARIABLES) {
    const lower = key.toLowerCase();
    if (!keys.has(lower)) keys.set(lower, name);
  }
  return keys;
}
