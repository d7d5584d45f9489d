/** A tool of a request, loosely read. */
export interface Tool {
  type: string;
  name?: string;
  parameters?: unknown;
  tools?: Tool[];
  [field: string]: unknown;
}

/** The tools of a request: the list itself, those of `additional_tools` items, and what namespaces hold. */
export function allTools(body: Record<string, unknown>): Tool[] {
  const lists: unknown[] = [body.tools];
  if (Array.isArray(body.input)) {
    for (const item of body.input as Record<string, unknown>[])
      if (item.type === "additional_tools") lists.push(item.tools);
  }
  const tools: Tool[] = [];
  for (const list of lists) {
    if (!Array.isArray(list)) continue;
    for (const tool of list as Tool[]) {
      if (tool.type === "namespace")
        tools.push(...(tool.tools ?? []).map((inner) => ({ ...inner, namespace: tool.name })));
      else tools.push(tool);
    }
  }
  return tools;
}
