// The four-letter words that simulated operators ask, and what each must say.

/** What each says, served or not. None of these depends on the time of the machine that simulates. */
export const ANSWERS: Readonly<Record<string, RegExp>> = {
  crst: /^Connection stats reset\.\n$|^This ZooKeeper instance is not .*\n$/,
  gtmk: /^306$/,
  isro: /^(rw|ro|null)$/,
  ruok: /^imok$/,
  srst: /^Server stats reset\.\n$|^This ZooKeeper instance is not .*\n$/,
  srvr: /^Zookeeper version: [\s\S]*\nMode: \w+\n[\s\S]*\n$|^This ZooKeeper instance is not .*\n$/,
}
