/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** What was built, and what it runs on. */
public final class BuildVersion implements IVersionProvider {
  private final String number;

  BuildVersion() {
    Properties build = new Properties();
    try (InputStream in = BuildVersion.class.getResourceAsStream("build.properties")) {
      build.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    number = build.getProperty("version");
  }

  String number() {
    return number;
  }

  @Override
  public String[] getVersion() {
    return new String[] {
      "Millrace " + number,
      "Runs configuration files of Apache Flume 1.11",
      "Java "
          + System.getProperty("java.version")
          + " ("
          + System.getProperty("java.vendor")
          + "), "
          + System.getProperty("os.name")
          + " "
          + System.getProperty("os.arch")
    };
  }
}
