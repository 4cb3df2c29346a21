import { threatLog } from "../support/relay-flow";

const CSV =
  '1,2025/03/04 10:22:41,019901000123,THREAT,spyware,2816,2025/03/04 10:22:40,10.20.30.40,203.0.113.80,198.51.100.9,203.0.113.80,Users-to-Internet,corp\\nina.ross,,web-browsing,vsys1,trust,untrust,ethernet1/2,ethernet1/1,to-relay,2025/03/04 10:22:40,448120,1,51544,80,40211,80,0x80402000,tcp,reset-both,"c2.example.net/gate.php?id=7",Sample C2 Beacon(86999),command-and-control,critical,client-to-server,7477000000000001234,0x8000000000000000,10.0.0.0-10.255.255.255,Netherlands,,,1210000000000000001,,,1,,,,,,,,0,16,14,0,0,,fw-edge-01,,,,,0,,0,,N/A,spyware,AppThreat-8950-9300,0x0,0,4294967295,,,6f1c2a34-1111-4222-8333-944455556666,0';

/** One record of each format, invented. */
export const SAMPLES: Readonly<Record<string, string>> = {
  "the seed relay's JSON and annex": threatLog("Sample C2 Beacon(86999)"),
  "lines (`PANXDR/2`)": [
    "PANXDR/2",
    "type=THREAT",
    "subtype=spyware",
    "severity=high",
    "action=reset-both",
    "time_generated=2025/03/04 10:22:40",
    "cef_time=Mar 04 2025 09:22:40 GMT",
    "serial=019901000123",
    "src=10.20.30.40",
    "dst=203.0.113.80",
    "sport=51544",
    "dport=80",
    "threatid=Sample C2 Beacon(86999)",
    "rule=Users-to-Internet",
    "misc=c2.example.net/gate.php?id=7",
  ].join("\n"),
  "syslog CSV": `<14>1 2025-03-04T10:22:41+01:00 fw-edge-01 - - - - ${CSV}`,
  CEF: "CEF:0|Palo Alto Networks|PAN-OS|11.1.4|Sample SQL Injection(30999)|THREAT|4|rt=Mar 04 2025 09:22:41 GMT deviceExternalId=019901000123 src=198.51.100.77 dst=203.0.113.10 cs1Label=Rule cs1=DMZ in app=web-browsing spt=31015 dpt=80 proto=tcp act=drop request=\"shop.example.net/p?id=1' OR '1'='1\" cat=vulnerability dvchost=fw-edge-01",
  LEEF: 'LEEF:2.0|Palo Alto Networks|PAN-OS Syslog Integration|11.1.4|Sample Trojan(419999001)|x7C|ReceiveTime=2025/03/04 10:22:41|SerialNumber=019901000123|cat=THREAT|Subtype=virus|devTime=Mar 04 2025 09:22:41 GMT|src=10.20.30.41|dst=203.0.113.81|RuleName=Users-to-Internet|srcPort=50833|dstPort=443|proto=tcp|action=reset-server|Miscellaneous="dl.example.net/setup.exe"|ThreatID=Sample Trojan(419999001)|Severity=medium',
  "Strata Logging Service JSON":
    '{"TimeGeneratedHighResolution":"2025-03-04T09:22:41.318204Z","LogType":"THREAT","Subtype":"vulnerability","SourceAddress":"10.20.30.40","DestinationAddress":"203.0.113.80","SourcePort":51544,"DestinationPort":80,"Rule":"Users-to-Internet","Action":"alert","VendorSeverity":"High","ThreatID":"Sample Exploit(30999)","DirectionOfAttack":"client to server","DeviceSN":"019901000123","DeviceName":"fw-edge-01","SequenceNo":7477000000000001234,"URL":"shop.example.net/p"}',
};
