/**
 * Turns the list `#<id>` into tabs; tab `name` shows the element `#<id>-<name>` and hides the others.
 * @param labels name of each tab and its text, in their order
 */
export function makeTabs(id: string, labels: Readonly<Record<string, string>>): void {
  const tabs = RED.tabs.create({
    element: $(`#${id}`),
    onchange: (shown) => {
      for (const name of Object.keys(labels)) $(`#${id}-${name}`).toggle(`${id}-tab-${name}` === shown.id);
    },
  });
  for (const [name, label] of Object.entries(labels)) tabs.addTab({ id: `${id}-tab-${name}`, label });
}
