import type { EcsKind } from "../ecs-kinds";
import type { Table } from "../table";
import { ALERT_V1_TABLE } from "./alert-v1-table";
import { ALERT_V2_TABLE } from "./alert-v2-table";
import { EVENT_TABLE } from "./event-table";
import { INCIDENT_TABLE } from "./incident-table";

export const TABLES: Readonly<Record<EcsKind, Table>> = {
  "alert-v1": ALERT_V1_TABLE,
  "alert-v2": ALERT_V2_TABLE,
  incident: INCIDENT_TABLE,
  event: EVENT_TABLE,
};
