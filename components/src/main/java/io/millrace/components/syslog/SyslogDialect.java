/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.syslog;

/**
 * What the sources of Flume see differently: each has a parser of its own there, and configurations
 * rely on the names that it gives.
 */
enum SyslogDialect {
  /** {@code syslogtcp} and {@code syslogudp}. */
  SINGLE("priority", "version"),
  /** {@code multiport_syslogtcp}. */
  MULTIPORT("Priority", "Version");

  private final String priorityHeader;
  private final String versionHeader;

  SyslogDialect(String priorityHeader, String versionHeader) {
    this.priorityHeader = priorityHeader;
    this.versionHeader = versionHeader;
  }

  String priorityHeader() {
    return priorityHeader;
  }

  String versionHeader() {
    return versionHeader;
  }
}
