/** The part of Node-RED's editor API that our dialogs use. The package @types/node-red describes only the runtime. */

/** What Node-RED hands to a validator besides the value. */
interface RedValidationOptions {
  /** The property's `label`. */
  readonly label?: string;
}

/** `true`, or why the value is bad. It must declare both parameters: Node-RED takes a text from any other for "valid". */
type RedValidator = (this: RedEditorNode, value: unknown, options: RedValidationOptions) => true | string;

interface RedProperty {
  readonly value: unknown;
  /** Name of a configuration node's type. */
  readonly type?: string;
  readonly required?: boolean;
  readonly label: string;
  readonly validate?: RedValidator;
}

interface RedCredential {
  readonly type: "text" | "password";
  readonly required?: boolean;
  readonly label: string;
  readonly validate?: RedValidator;
}

/** A node in the editor: what a definition's functions have as `this`. */
interface RedEditorNode {
  readonly id: string;
  /** Name of its type. */
  readonly type: string;
  readonly name: string;
  /** Differs from what is deployed, or is not deployed at all. */
  readonly changed?: boolean;
  readonly _def: RedNodeDefinition;
  /** Translates a key of the node's own catalogue. */
  _(key: string, values?: Readonly<Record<string, unknown>>): string;
}

interface RedNodeDefinition {
  readonly category: string;
  readonly color?: string;
  readonly icon?: string;
  readonly align?: "left" | "right";
  readonly inputs?: number;
  readonly outputs?: number;
  /** The button beside the node on the canvas. */
  readonly button?: { enabled(this: RedEditorNode): boolean; onclick(this: RedEditorNode): void };
  readonly defaults: Readonly<Record<string, RedProperty>>;
  readonly credentials?: Readonly<Record<string, RedCredential>>;
  paletteLabel?(this: RedEditorNode): string;
  label(this: RedEditorNode): string;
  labelStyle?(this: RedEditorNode): string;
  inputLabels?(this: RedEditorNode, index: number): string;
  outputLabels?(this: RedEditorNode, index: number): string;
  oneditprepare?(this: RedEditorNode): void;
  oneditsave?(this: RedEditorNode): void;
  oneditcancel?(this: RedEditorNode): void;
}

interface RedTabs {
  addTab(tab: { readonly id: string; readonly label: string }): void;
}

interface RedEditor {
  /** Translates `<module>/<node set>:<key>`. */
  _(key: string, values?: Readonly<Record<string, unknown>>): string;
  readonly nodes: {
    registerType(type: string, definition: RedNodeDefinition & ThisType<RedEditorNode>): void;
    node(id: string): RedEditorNode | null | undefined;
  };
  readonly tabs: {
    create(options: { readonly element: JQuery; onchange(tab: { readonly id: string }): void }): RedTabs;
  };
  /** Takes a text for HTML, therefore always give an element. */
  notify(message: JQuery, type: "success" | "warning" | "error"): void;
  readonly clipboard: {
    /** Copies and shows `message` beside `element`; false when the browser refused. */
    copyText(text: string, element?: JQuery, message?: string): boolean;
  };
}

declare const RED: RedEditor;
