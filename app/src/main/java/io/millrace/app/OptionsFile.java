/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Options from {@code /etc/flume/flume.opts}, else from {@code flume.opts} on the class path: a
 * properties file keyed by option name. The command line wins.
 */
final class OptionsFile implements IDefaultValueProvider {
  private static final Path SYSTEM_WIDE = Path.of("/etc/flume/flume.opts");

  private final Properties options;

  OptionsFile() {
    this(SYSTEM_WIDE);
  }

  OptionsFile(Path systemWide) {
    options = read(systemWide);
  }

  private static Properties read(Path systemWide) {
    Properties options = new Properties();
    try (InputStream in =
        Files.isReadable(systemWide)
            ? Files.newInputStream(systemWide)
            : ClassLoader.getSystemResourceAsStream("flume.opts")) {
      if (in != null) {
        options.load(in);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("The options file cannot be read: " + e.getMessage(), e);
    }
    return options;
  }

  @Override
  public String defaultValue(ArgSpec argument) {
    if (argument instanceof OptionSpec option && !option.usageHelp()) {
      for (String name : option.names()) {
        String value = options.getProperty(name.replaceFirst("^-+", ""));
        if (value != null) {
          return value.trim();
        }
      }
    }
    return null;
  }
}
