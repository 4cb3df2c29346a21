/** `key variable` a line, as a map. */
function table(text: string): ReadonlyMap<string, string> {
  const lines = text.trim().split("\n");
  return new Map(lines.map((line) => line.trim().split(" ")).map(([key = "", name = ""]) => [key, name]));
}

const SHARED = `
  deviceExternalId serial
  src src
  dst dst
  sourceTranslatedAddress natsrc
  destinationTranslatedAddress natdst
  sourceTranslatedPort natsport
  destinationTranslatedPort natdport
  spt sport
  dpt dport
  app app
  proto proto
  act action
  cnt repeatcnt
  deviceInboundInterface inbound_if
  deviceOutboundInterface outbound_if
  externalId seqno
  dvchost device_name
  fileId pcap_id
  requestMethod http_method
  requestClientApplication user_agent
  requestContext contenttype
  PanOSRuleUUID rule_uuid
  PanOSActionFlags actionflags
  PanOSThreatCategory thr_category
  PanOSVsysName vsys_name
  PanOSSeverity severity`;

/** Extensions of the firewall's CEF. Source: PAN-OS "CEF Configuration Guide", threat, URL and WildFire formats. */
export const FIREWALL_KEYS = table(`${SHARED}
  rt cef-formatted-receive_time
  start cef-formatted-time_generated
  suser srcuser
  duser dstuser
  request misc
  fileHash filedigest
  fileType filetype
  filePath cloud
  suid sender
  duid recipient
  PanOSDGl1 dg_hier_level_1
  PanOSDGl2 dg_hier_level_2
  PanOSDGl3 dg_hier_level_3
  PanOSDGl4 dg_hier_level_4
  PanOSContentVer contentver
  PanOSURLCatList url_category_list
  PanOSTimeGeneratedHighResolution high_res_timestamp`);

/** Meaning of the numbered custom fields in the firewall's templates, when no label says otherwise. */
export const FIREWALL_CUSTOM_KEYS = table(`
  cs1 rule
  cs2 category
  cs3 vsys
  cs4 from
  cs5 to
  cs6 logset
  cn1 sessionid
  flexString1 flags
  flexString2 direction
  c6a2 src
  c6a3 dst`);

/** Extensions of the cloud service's CEF; of two for one variable the first counts. Source: Strata Logging Service, "Threat CEF Fields". */
export const CLOUD_KEYS = table(`${SHARED}
  rt receive_time
  start time_generated
  PanOSTimeGeneratedHighResolution high_res_timestamp
  PanOSDeviceSN serial
  PanOSSourceUser srcuser
  PanOSDestinationUser dstuser
  suser0 srcuser
  duser0 dstuser
  suser srcuser
  duser dstuser
  PanOSApplication app
  PanOSNATSource natsrc
  PanOSNATDestination natdst
  PanOSNATSourcePort natsport
  PanOSNATDestinationPort natdport
  PanOSInboundInterface inbound_if
  PanOSSessionID sessionid
  PanOSThreatID threatid
  PanOSFileHash filedigest
  PanOSFileType filetype
  PanOSReportID reportid
  PanOSReferer referer
  PanOSSourceLocation srcloc
  PanOSDestinationLocation dstloc
  PanOSContentVersion contentver
  PanOSURLCategoryList url_category_list
  PanOSDGHierarchyLevel1 dg_hier_level_1
  PanOSDGHierarchyLevel2 dg_hier_level_2
  PanOSDGHierarchyLevel3 dg_hier_level_3
  PanOSDGHierarchyLevel4 dg_hier_level_4
  PanOSVirtualSystemName vsys_name
  PanOSVirtualSystemID vsys_id`);

/** Variable by the label of a numbered custom field, in lower case and without blanks. */
export const CUSTOM_LABELS = table(`
  rule rule
  urlcategory category
  virtualsystem vsys
  virtuallocation vsys
  vsys vsys
  sourcezone from
  fromzone from
  destinationzone to
  tozone to
  logprofile logset
  logsetting logset
  logforwardingprofile logset
  sessionid sessionid
  flags flags
  direction direction
  directionofattack direction
  sourceipv6address src
  destinationipv6address dst`);

/** Standard keys without a PAN-OS variable of their own: they end a value all the same. Source: ArcSight "Extension Dictionary". */
const OTHER_KEYS: ReadonlySet<string> = new Set(
  `cat dtz end in out msg fname fsize reason outcome shost dhost smac dmac sntdom dntdom spriv dpriv sproc dproc spid dpid dvc
   dvcmac dvcpid deviceFacility deviceDirection destinationServiceName sourceServiceName flexNumber1 flexNumber2 oldFileName
   requestCookies deviceProcessName deviceCustomDate1 deviceCustomDate2 PanOSUsers`.split(/\s+/),
);

/** Keys whose values come from outside the firewall's configuration. */
const FREE_TEXT_KEYS: ReadonlySet<string> = new Set(
  `request msg filePath fname suid duid requestClientApplication requestContext requestCookies PanOSURL PanOSReferer PanOSUserAgent
   PanOSFileName PanOSHTTPHeaders PanOSXForwardedFor`.split(/\s+/),
);

/** True for a key that CEF or one of the two products defines. */
export function isCefKey(key: string): boolean {
  return (
    FIREWALL_KEYS.has(key) ||
    CLOUD_KEYS.has(key) ||
    OTHER_KEYS.has(key) ||
    /^(?:PanOS\w{1,58}|(?:c[sn]|c6a|cfp|flexString)\d(?:Label)?)$/.test(key)
  );
}

/** True for a key whose value may itself look like `key=value`. */
export function isFreeTextKey(key: string): boolean {
  return FREE_TEXT_KEYS.has(key);
}

/** True for a letter, digit or underscore. */
export function isNamePart(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || code === 95 || (code >= 97 && code <= 122);
}
