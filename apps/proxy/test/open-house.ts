import { onTestFinished } from "vitest";
import { type House, type HouseOptions, startHouse } from "./start-house.js";

/** A house of one test, which ends with it. Apart from `startHouse`, which runs without vitest too. */
export async function openHouse(options: HouseOptions = {}): Promise<House> {
  const house = await startHouse(options);
  onTestFinished(() => house.close());
  return house;
}
