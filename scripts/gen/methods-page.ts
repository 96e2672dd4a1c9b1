/** docs/reference/methods.md: signature, variables and events of each documented method. */
import { readFileSync } from 'node:fs';
import ts from 'typescript';
import {
  EVENT_NAMES,
  EVENTS,
  type EventName,
  FILTER_SLOT,
  METHOD_ARGUMENTS,
  METHOD_NAMES,
  METHODS,
  type MethodName,
} from '../../src/hooks/table/index.js';
import type { MethodSpec } from '../../src/hooks/table/spec.js';
import { REFERENCE } from '../../test/conformance/table/reference.js';
import type { GeneratedFile } from './generator.js';
import { code, codeBlock, head, link, page } from './markdown.js';
import { isAddedMethod, methodMark } from './provenance.js';

const SIGNATURES = new URL('../../src/hooks/methods/signatures.ts', import.meta.url);

const INTRO = `The methods that a handler calls on its context. Each input may be given as an argument or set as the variable
of the same name before the call; each output is in the returned object and in the variable. Checks resolve to a result for
whatever the network does and reject only for misuse.`;

export function methodsPage(): readonly GeneratedFile[] {
  const signatures = readSignatures();
  const sections = METHOD_NAMES.map((name) => section(name, signatures));
  const text = page([
    head('Methods', 'src/hooks/table and src/hooks/methods/signatures.ts'),
    INTRO,
    ...sections,
  ]);
  return [{ path: 'docs/reference/methods.md', text }];
}

function section(name: MethodName, signatures: ReadonlyMap<string, string>): string {
  const row: MethodSpec = METHODS[name];
  const signature = signatures.get(name);
  if (signature === undefined) throw new Error(`${name} has no signature`);
  const facts = [
    `- Inputs: ${row.inputs.length === 0 ? 'none' : row.inputs.map(input).join('; ')}${inputMark(name)}`,
    `- Looks at: ${row.uses.length === 0 ? 'nothing else' : row.uses.map(used).join(', ')}`,
    `- Fills: ${row.fills.length === 0 ? 'no variable' : row.fills.map(filled).join(', ')}`,
  ];
  if (row.aliases !== undefined) facts.push(`- Also accepted as: ${row.aliases.map(code).join(', ')}`);
  const events = EVENT_NAMES.filter((event) => (EVENTS[event].methods as readonly string[]).includes(name));
  const isAdded = isAddedMethod(name);
  const mark = (event: EventName): string => (isAdded ? '' : methodMark(event, name));
  const where = events.map((event) => `- ${link('events', event)}${mark(event)}`).join('\n');
  const isPrinted = REFERENCE.methods[name]?.meaningSeen === 'printed';
  const meaning = isPrinted
    ? ''
    : isAdded
      ? ' (Not in the original.)'
      : ' (Behaviour not printed in the original.)';
  return [
    `## ${name}`,
    `${row.doc}${meaning}`,
    codeBlock(signature),
    facts.join('\n'),
    `Events:\n\n${where}`,
  ].join('\n\n');
}

function input(name: string): string {
  if (Object.hasOwn(METHOD_ARGUMENTS, name)) {
    return `${code(name)} (argument only): ${METHOD_ARGUMENTS[name as keyof typeof METHOD_ARGUMENTS].replace(/\.$/, '')}`;
  }
  return link('variables', name);
}

function inputMark(name: MethodName): string {
  const documented = REFERENCE.methods[name];
  const inferred = documented?.inputsSeen === 'inferred' && documented.inputs.length > 0;
  return inferred ? ' (not printed in the original)' : '';
}

function used(name: string): string {
  return name === '*' ? 'everything known at the event' : link('variables', name);
}

function filled(name: string): string {
  const slot = name.split('.')[1];
  const isSlot = slot !== undefined && Object.hasOwn(FILTER_SLOT, slot);
  return isSlot ? `[${name}](variables.md#variables-of-a-filter)` : link('variables', name);
}

/** Each method as declared, followed by the types of the same file that it names, and those that they name. */
function readSignatures(): Map<string, string> {
  const file = ts.createSourceFile(
    'signatures.ts',
    readFileSync(SIGNATURES, 'utf8'),
    ts.ScriptTarget.Latest,
    true,
  );
  const types = new Map<string, TypeNode>();
  for (const node of file.statements) {
    if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) types.set(node.name.text, node);
  }
  const found = new Map<string, string>();
  const methods = types.get('MethodSignatures');
  for (const member of methods && ts.isInterfaceDeclaration(methods) ? methods.members : []) {
    if (!ts.isMethodSignature(member)) continue;
    const texts = [member, ...namedBy(member, types)].map((node) => node.getText().replace(/^export /, ''));
    found.set(member.name.getText(), texts.join('\n\n'));
  }
  return found;
}

type TypeNode = ts.InterfaceDeclaration | ts.TypeAliasDeclaration;

/** The types that a node names, directly or through others, each once, in the order of their mention. */
function namedBy(node: ts.Node, types: ReadonlyMap<string, TypeNode>): ReadonlySet<TypeNode> {
  const found = new Set<TypeNode>();
  const visit = (each: ts.Node): void => {
    const named = ts.isTypeReferenceNode(each) || ts.isIndexedAccessTypeNode(each) ? each.getText() : '';
    const type = types.get(/^\w+/.exec(named)?.[0] ?? '');
    if (type && !found.has(type)) {
      found.add(type);
      ts.forEachChild(type, visit);
    }
    ts.forEachChild(each, visit);
  };
  visit(node);
  return found;
}
