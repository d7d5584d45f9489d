/** How many names that no list has are told apart. */
const maxUnknown = 20;

const otherName = "other";

/**
 * Names of models as labels. One that the account's list does not have may be spelled in endless ways, and a label for each
 * would fill the memory, here and where the numbers are read.
 * @param listedName what a list calls the model of this name; undefined where it has none
 * @returns the list's name, the name itself, or `other`
 */
export function createNameBound(listedName: (name: string) => string | undefined): (name: string) => string {
  const unknown = new Set<string>();
  return (name) => {
    const listed = listedName(name);
    if (listed !== undefined || unknown.has(name)) return listed ?? name;
    if (unknown.size >= maxUnknown || name.length > 100) return otherName;
    unknown.add(name);
    return name;
  };
}
