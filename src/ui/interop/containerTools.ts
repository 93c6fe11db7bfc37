/**
 * Rows of the images view of Container Tools (and of the older Docker extension), as its menus hand them to us. Their
 * shape is no public interface, so each field is looked at, and what does not fit is no image to us.
 */

/** An image's name as the engine knows it, or its ID where it has no name; undefined when `node` is not an image row. */
export function imageOfNode(node: unknown): string | undefined {
  const fullTag = textOf(node, 'fullTag');
  const id = textOf(node, 'imageId');
  if (fullTag !== undefined && fullTag !== '' && !fullTag.includes('<none>')) return fullTag;
  return id !== undefined && /^sha256:[0-9a-f]{64}$/.test(id) ? id : undefined;
}

/** The fields are getters, which live on the prototype. */
function textOf(node: unknown, field: string): string | undefined {
  if (typeof node !== 'object' || node === null || !(field in node)) return undefined;
  const value: unknown = Reflect.get(node, field);
  return typeof value === 'string' ? value : undefined;
}
