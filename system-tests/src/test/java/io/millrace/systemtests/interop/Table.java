/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests.interop;

import io.millrace.systemtests.interop.Mark.NotApplicable;
import io.millrace.systemtests.interop.Mark.Tested;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The tables of docs/compatibility.md, and what a field says once its test has passed. */
enum Table {
  FROM_FLUME("from-flume", "from, to a Millrace source", fromFlume()),
  TO_FLUME("to-flume", "to, from a Millrace sink", toFlume()),
  FROM_OLD_FLUME("from-old-flume", "from, to a Millrace source", fromOldFlume());

  private final String id;
  private final String corner;
  private final Map<String, Map<Wire, Mark>> rows;

  Table(String id, String corner, Map<String, Map<Wire, Mark>> rows) {
    this.id = id;
    this.corner = corner;
    this.rows = rows;
  }

  /** Its name in the page. */
  String id() {
    return id;
  }

  /** What stands above the names of the rows. */
  String corner() {
    return corner;
  }

  Map<String, Map<Wire, Mark>> rows() {
    return rows;
  }

  private static Map<String, Map<Wire, Mark>> fromFlume() {
    Map<String, Map<Wire, Mark>> rows = new LinkedHashMap<>();
    rows.put(Names.AGENT, agent("it is stopped and started"));
    for (Client client : Client.values()) {
      Map<Wire, Mark> row = new EnumMap<>(Wire.class);
      for (Wire wire : Wire.values()) {
        row.put(wire, client.mark(wire));
      }
      rows.put(client.title(), row);
    }
    return rows;
  }

  private static Map<String, Map<Wire, Mark>> toFlume() {
    Map<String, Map<Wire, Mark>> rows = new LinkedHashMap<>();
    rows.put(Names.AGENT, agent("it is killed and started"));
    for (Client client : Client.values()) {
      rows.put(client.title(), everywhere(new NotApplicable("only sends")));
    }
    return rows;
  }

  private static Map<String, Map<Wire, Mark>> fromOldFlume() {
    Map<String, Map<Wire, Mark>> rows = new LinkedHashMap<>();
    for (String version : Names.OLD_VERSIONS) {
      Map<Wire, Mark> row = everywhere(new Tested(Samples.EVENTS + " events"));
      for (Wire wire : Wire.values()) {
        if (needsTls12(version, wire)) {
          row.put(wire, new Tested(Samples.EVENTS + " events, by TLS 1.2"));
        }
      }
      rows.put(Names.oldClient(version), row);
    }
    return rows;
  }

  /** Netty 3.9, which these have for Avro, does not get along with the TLS 1.3 of newer JVMs. */
  static boolean needsTls12(String version, Wire wire) {
    return wire.isSecret() && !wire.isThrift() && List.of("1.7.0", "1.8.0").contains(version);
  }

  private static Map<Wire, Mark> agent(String between) {
    return everywhere(new Tested("2 × %d events, %s between".formatted(Samples.EVENTS, between)));
  }

  private static Map<Wire, Mark> everywhere(Mark mark) {
    Map<Wire, Mark> row = new EnumMap<>(Wire.class);
    for (Wire wire : Wire.values()) {
      row.put(wire, mark);
    }
    return row;
  }

  /** Names of rows; apart, since the tables need them before the class has its own constants. */
  static final class Names {
    static final String AGENT = "agent of Flume 1.11.0";
    static final List<String> OLD_VERSIONS = List.of("1.6.0", "1.7.0", "1.8.0", "1.9.0", "1.10.1");

    private Names() {}

    static String oldClient(String version) {
      return "`flume-ng-sdk` " + version;
    }
  }
}
