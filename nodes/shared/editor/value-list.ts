import { MAX_LIST_ENTRIES } from "../../lib/poll/poll-limits";

/** The entries of a list as the dialog has it (a text with commas or lines) or as the node keeps it (an array). */
export function entriesOf(value: unknown): string[] {
  const parts = Array.isArray(value) ? value.map(String) : typeof value === "string" ? value.split(/[,\n]/) : [];
  return [...new Set(parts.map((part) => part.trim()).filter((part) => part !== ""))];
}

/** Whether the runtime can read a list. */
export function isList(value: unknown): boolean {
  const isKnown = value === undefined || typeof value === "string" || Array.isArray(value);
  return isKnown && entriesOf(value).length <= MAX_LIST_ENTRIES;
}

/**
 * Offers known values below a text field: a click adds the value, another takes it away.
 * @returns offers others
 */
export function wireSuggestions(field: JQuery, place: JQuery): (values: readonly string[]) => void {
  const isChosen = (value: string): boolean =>
    entriesOf(field.val()).some((entry) => entry.toLowerCase() === value.toLowerCase());
  const show = (): void => {
    place.children().each((_, button) => void $(button).attr("aria-pressed", String(isChosen($(button).text()))));
  };
  place.on("click", "button", ({ currentTarget }: JQuery.TriggeredEvent) => {
    const value = $(currentTarget as HTMLElement).text();
    const others = entriesOf(field.val()).filter((entry) => entry.toLowerCase() !== value.toLowerCase());
    field.val((isChosen(value) ? others : [...others, value]).join(", ")).trigger("change");
  });
  field.on("input change", show);
  return (values) => {
    place.empty().toggle(values.length > 0);
    for (const value of values) {
      place.append($('<button type="button" class="red-ui-button red-ui-button-small">').text(value));
    }
    show();
  };
}
