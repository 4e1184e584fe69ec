/** Amounts in cents: exact, as no number of JavaScript's with a fraction is. */
export type Money = bigint;

/** Reads "104.50", and the engine's "104.500000"; what has more digits than cents is no amount to be paid. */
export function money(text: string): Money {
  const parts = /^(\d+)(?:\.(\d\d)0*)?$/.exec(text);
  if (parts === null) {
    throw new RangeError(`${text} is not in whole cents`);
  }
  return BigInt(parts[1] + (parts[2] ?? "00"));
}

export function decimal(amount: Money): string {
  const digits = amount.toString().padStart(3, "0");
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
