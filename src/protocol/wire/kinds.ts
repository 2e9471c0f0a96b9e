/**
 * Values of several kinds to bytes and back: a byte for the kind, and then the fields of that kind.
 *
 * @module
 */

import { DecodeError } from "../../bytes.ts";
import { wireVersion } from "../../limits.ts";
import type { Codec, CodecsByField, DecodedFields } from "./fields.ts";

/** The kinds by name: the byte that begins each, and its fields. */
export type Kinds = Readonly<Record<string, { readonly code: number; readonly fields: CodecsByField }>>;

/** A value of one kind, or of any of several. */
export type ValueOf<K extends Kinds, N extends keyof K = keyof K> = {
  [M in N]: { readonly kind: M } & DecodedFields<K[M]["fields"]>;
}[N];

/** The refusal of a message of another version. */
export function otherVersionText(kind: string, version: number): string {
  return `${kind}: it speaks version ${version} of the wire protocol, and this is version ${wireVersion}`;
}

/** How values of these kinds are written and read; `name`: what such a value is called. */
export function codecOf<K extends Kinds>(name: string, kinds: K): Codec<ValueOf<K>> {
  const plans = Object.entries(kinds).map(([kind, { code, fields }]) => ({
    kind,
    code,
    fields: Object.entries(fields),
  }));
  const planOf = Object.fromEntries(plans.map((plan) => [plan.kind, plan]));
  const planByCode: (typeof plans[number] | undefined)[] = [];
  for (const plan of plans) planByCode[plan.code] = plan;
  return {
    name,
    write(writer, value) {
      const { code, fields } = planOf[value.kind as string];
      const values = value as Record<string, unknown>;
      writer.byte(code);
      for (const [field, codec] of fields) codec.write(writer, values[field]);
    },
    read(reader) {
      const code = reader.byte();
      const plan = planByCode[code];
      if (plan === undefined) throw new DecodeError(`no ${name} has the code ${code}`);
      const { kind, fields } = plan;
      const value: Record<string, unknown> = { kind };
      for (const [field, codec] of fields) {
        try {
          value[field] = codec.read(reader);
        } catch (error) {
          if (!(error instanceof DecodeError)) throw error;
          throw new DecodeError(`${kind}: field "${field}": ${error.message}`);
        }
        if (field === "version" && value.version !== wireVersion) {
          throw new DecodeError(otherVersionText(kind, Number(value.version)));
        }
      }
      return value as ValueOf<K>;
    },
  };
}
