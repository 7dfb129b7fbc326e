import which from 'which'

/** The path of a command-line tool, or undefined where it is not installed. */
export async function findTool(name: string): Promise<string | undefined> {
  return (await which(name, { nothrow: true })) ?? undefined
}
