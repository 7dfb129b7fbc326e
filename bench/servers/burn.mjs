export default async () => {
  for (;;);
}
