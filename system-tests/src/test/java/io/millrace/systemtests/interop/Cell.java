/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests.interop;

/** One way of events: a field of a table. */
record Cell(Table table, String row, Wire wire) {
  Mark mark() {
    return table.rows().get(row).get(wire);
  }
}
