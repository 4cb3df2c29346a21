import type { Translate } from "./catalogue";

/** A key file has about 2,400 bytes; what is far larger is another file. */
const MAX_KEY_FILE_BYTES = 65_536;

/**
 * Wires the button that reads a key file of the browser's machine into the key's field. The file goes nowhere but there.
 * @param id start of the ids of button, file chooser and report
 */
export function wireKeyFile(id: string, field: JQuery, text: Translate): void {
  // Node-RED's style shows every input, also one with the attribute "hidden".
  const chooser = $<HTMLInputElement>(`#${id}-chooser`).hide();
  const report = $(`#${id}-report`);
  $(`#${id}-button`).on("click", () => void chooser.trigger("click"));
  chooser.on("change", () => {
    const file = chooser[0]?.files?.[0];
    if (file === undefined) return;
    void readKey(file).then((key) => {
      // Else the same file, once it was put right, could not be chosen again.
      chooser.val("");
      if (typeof key === "string") field.val(key).trigger("change");
      report.text(text(typeof key === "string" ? "file.read" : key.problem, { name: file.name }));
    });
  });
  // What is typed is not from the file.
  field.on("input", () => report.empty());
}

async function readKey(file: File): Promise<string | { problem: "file.too-large" | "file.unreadable" }> {
  if (file.size > MAX_KEY_FILE_BYTES) return { problem: "file.too-large" };
  try {
    // Without what some editors put in front of UTF-8.
    return (await file.text()).replace(/^\uFEFF/, "").trim();
  } catch {
    return { problem: "file.unreadable" };
  }
}
