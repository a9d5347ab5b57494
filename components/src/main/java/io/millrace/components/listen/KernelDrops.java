/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.listen;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/**
 * Datagrams that the kernel dropped because a socket's buffer was full, as Linux says in {@code
 * /proc/net/udp}: the last column, of the sockets with that port. Stateless.
 */
final class KernelDrops {
  private static final List<Path> TABLES =
      List.of(Path.of("/proc/self/net/udp"), Path.of("/proc/self/net/udp6"));
  private static final int LOCAL_ADDRESS_FIELD = 1;
  private static final int INODE_FIELD = 9;

  private KernelDrops() {}

  /** Empty where the system does not say. */
  static OptionalLong ofPort(int port) {
    long drops = 0;
    boolean isFound = false;
    for (Path table : TABLES) {
      try {
        OptionalLong found = ofPort(Files.readAllLines(table, StandardCharsets.US_ASCII), port);
        isFound |= found.isPresent();
        drops += found.orElse(0);
      } catch (IOException notThere) {
        // Another system, or one without IPv6.
      }
    }
    return isFound ? OptionalLong.of(drops) : OptionalLong.empty();
  }

  static OptionalLong ofPort(List<String> lines, int port) {
    String suffix = String.format(":%04X", port);
    long drops = 0;
    boolean isFound = false;
    for (String line : lines) {
      String[] fields = line.strip().split("\\s+", -1);
      if (fields.length > INODE_FIELD && fields[LOCAL_ADDRESS_FIELD].endsWith(suffix)) {
        drops += Long.parseLong(fields[fields.length - 1]);
        isFound = true;
      }
    }
    return isFound ? OptionalLong.of(drops) : OptionalLong.empty();
  }
}
