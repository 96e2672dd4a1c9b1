/**
 * The six documented edits of a header as pure functions on its fields.
 *
 * Untouched fields are passed through by reference. New fields go to the end of the header and a
 * modified one stays where the first of its name stood. All text passes the checked writer.
 *
 * Callers: header-block.ts. `hooks/ports` offers HeaderEdit to the policy methods.
 */
import { formatHeaderField, type HeaderField } from './header-field.js';

/** One change of the header block. */
export type HeaderEdit =
  | { readonly kind: 'add'; readonly name: string; readonly value: string }
  | { readonly kind: 'addIfNotExists'; readonly name: string; readonly value: string }
  | { readonly kind: 'removeFirst'; readonly name: string }
  | { readonly kind: 'remove'; readonly name: string }
  | { readonly kind: 'modify'; readonly name: string; readonly value: string }
  | { readonly kind: 'modifyIfExists'; readonly name: string; readonly value: string };

type Fields = readonly HeaderField[];

function written(edit: { readonly name: string; readonly value: string }): HeaderField {
  return { name: edit.name, raw: formatHeaderField(edit.name, edit.value) };
}

/** Replaces the first field of the name and keeps later ones, as its siblings touch only the first. */
function replaced(
  fields: Fields,
  at: number,
  edit: { readonly name: string; readonly value: string },
): Fields {
  return fields.map((field, i) => (i === at ? written(edit) : field));
}

/** The fields after the edit; the same array when nothing changed. */
export function applyEdit(fields: Fields, edit: HeaderEdit): Fields {
  const wanted = edit.name.toLowerCase();
  const isNamed = (field: HeaderField): boolean => field.name.toLowerCase() === wanted;
  const first = fields.findIndex(isNamed);
  switch (edit.kind) {
    case 'add':
      return [...fields, written(edit)];
    case 'addIfNotExists':
      return first < 0 ? [...fields, written(edit)] : fields;
    case 'removeFirst':
      return first < 0 ? fields : fields.filter((_, i) => i !== first);
    case 'remove':
      return first < 0 ? fields : fields.filter((field) => !isNamed(field));
    case 'modify':
      return first < 0 ? [...fields, written(edit)] : replaced(fields, first, edit);
    case 'modifyIfExists':
      return first < 0 ? fields : replaced(fields, first, edit);
  }
}
