// A value's place in a message, and what is known of it from its way there. Pure.

import type { JsonNode } from './json/nodes.ts';
import { type Step, Trail } from './paths.ts';
import type { NameFacts, RuleRef } from './plan.ts';
import type { SchemaAt } from './schema.ts';

export class Place {
  readonly node: JsonNode;
  readonly parent: Place | null;
  readonly step: Step;
  readonly role: number;
  /** The rule that masks the whole value, from its name or from one above it. */
  readonly rule: RuleRef | undefined;
  /** Contexts that its name gives to the detectors. */
  readonly contexts: number;
  readonly schema: SchemaAt | null;
  /** Of a list of rows: what is known of each of their columns. */
  columns: readonly NameFacts[] | null = null;
  #trail: Trail | undefined;

  constructor(node: JsonNode, parent: Place | null, step: Step, known: Known) {
    this.node = node;
    this.parent = parent;
    this.step = step;
    this.role = known.role;
    this.rule = known.rule;
    this.contexts = known.contexts;
    this.schema = known.schema;
  }

  /** The same place, where a schema begins. */
  under(schema: SchemaAt | null): Place {
    const { node, parent, step, role, rule, contexts } = this;
    return new Place(node, parent, step, { role, rule, contexts, schema });
  }

  get steps(): Step[] {
    const steps: Step[] = [];
    for (let at: Place = this; at.parent !== null; at = at.parent) steps.push(at.step);
    return steps.reverse();
  }

  /** For an entry: where the value is, items of a list as one. */
  get path(): string {
    return this.#way.path;
  }

  /** Made when something is found here, and shared with the places beside it. */
  get #way(): Trail {
    this.#trail ??= this.parent === null ? new Trail('') : this.parent.#way.to(this.step);
    return this.#trail;
  }
}

export interface Known {
  readonly role: number;
  readonly rule: RuleRef | undefined;
  readonly contexts: number;
  readonly schema: SchemaAt | null;
}
