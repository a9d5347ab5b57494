/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app;

import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/** One run of the command inside the test's process. Immutable. */
public record CommandRun(int status, String out, String err) {
  public static CommandRun of(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine commandLine = Millrace.commandLine();
    commandLine.setOut(new PrintWriter(out, true));
    commandLine.setErr(new PrintWriter(err, true));
    int status = commandLine.execute(args);
    return new CommandRun(status, out.toString(), err.toString());
  }
}
