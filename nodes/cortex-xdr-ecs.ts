import type { Node, NodeAPI, NodeDef } from "node-red";
import { recordsMapper, type RecordsMapper } from "./lib/ecs/map-records";
import { XdrError } from "./lib/errors";
import { CauseReport } from "./shared/cause-report";
import { putDocuments, type EcsMessage } from "./shared/ecs-message";
import { ecsSettings } from "./shared/ecs-settings";
import { EcsCounts } from "./shared/ecs-status";
import { flowStart } from "./shared/flow-start";
import { asXdrError, guard } from "./shared/guard";
import { ThrottledStatus } from "./shared/node-status";
import type { TranslateStatus } from "./shared/status-text";

type Send = (msg: EcsMessage) => void;
type Done = (error?: Error) => void;

export = function register(RED: NodeAPI): void {
  const flows = flowStart(RED);
  const translate: TranslateStatus = (key, values) => RED._(`cortex-xdr-ecs.status.${key}`, values ?? {});

  function EcsNode(this: Node, config: NodeDef): void {
    RED.nodes.createNode(this, config);
    const status = new ThrottledStatus(this);
    const counts = new EcsCounts();
    const mapper = connect(this, config, status);
    let isClosed = false;
    // The text is made when it is shown, not for each of many messages a second.
    const show = (): void => {
      if (!isClosed) status.show(() => counts.status(translate));
    };
    if (!(mapper instanceof XdrError)) guard(this, show)();

    const handle = guard(this, (msg: EcsMessage, send: Send, done: Done) => {
      let problem: Error | undefined;
      try {
        if (mapper instanceof XdrError) throw mapper;
        const mapped = mapper(msg.payload, msg.raw);
        if (putDocuments(msg, mapped)) send(msg);
        counts.note(mapped.results);
        show();
      } catch (error) {
        problem = error instanceof Error ? error : new Error("The message could not be mapped.");
      }
      // Outside, so that it is called once whatever it does.
      done(problem);
    });
    this.on("input", (msg, send, done) => handle(msg, send, done));

    this.on("close", (removed: boolean, done: () => void) => {
      isClosed = true;
      status.stop(removed);
      done();
    });
  }

  function connect(node: Node, config: NodeDef, status: ThrottledStatus): RecordsMapper | XdrError {
    try {
      return recordsMapper(ecsSettings(RED, config, node));
    } catch (error) {
      const problem = asXdrError(error);
      status.show({ fill: "red", shape: "ring", text: translate("config") });
      // Not before the nodes are there that catch it.
      const forget = flows.whenStarted(guard(node, () => new CauseReport(node, "").tell(problem)));
      node.once("close", forget);
      return problem;
    }
  }

  RED.nodes.registerType("cortex-xdr-ecs", EcsNode);
};
