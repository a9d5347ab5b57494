/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import org.slf4j.Logger;

/** What log4j has to know before it is first used. */
final class LoggingSetup {
  private static final Set<String> LEVELS =
      Set.of("OFF", "FATAL", "ERROR", "WARN", "INFO", "DEBUG", "TRACE", "ALL");

  private LoggingSetup() {}

  static void beforeFirstUse() {
    // Ours is the last word of a process that is told to stop: OrderlyExit ends logging itself.
    setIfAbsent("log4j2.shutdownHookEnabled", "false");
    flumeRootLevel(System.getProperty("flume.root.logger", ""));
  }

  /**
   * Honours the level of {@code -Dflume.root.logger=DEBUG,console}; the appender has no meaning.
   */
  private static void flumeRootLevel(String rootLogger) {
    String level = rootLogger.split(",", 2)[0].trim().toUpperCase(Locale.ROOT);
    if (LEVELS.contains(level)) {
      setIfAbsent("millrace.log.level", level);
    }
  }

  /** Lets {@code conf/log4j2.xml} rule also when the directory is not on the class path. */
  static void useConfigurationOf(Path conf) {
    Path file = conf.resolve("log4j2.xml");
    if (Files.isReadable(file)) {
      setIfAbsent("log4j2.configurationFile", file.toUri().toString());
    }
  }

  /** Says so when a file for log4j 1 lies in {@code conf}, which nothing reads any more. */
  static void warnOfForeignFiles(Path conf, Logger log) {
    Path old = conf.resolve("log4j.properties");
    if (Files.exists(old) && !Files.exists(conf.resolve("log4j2.xml"))) {
      log.warn("{} is a file for log4j 1 and is not read. Write a log4j2.xml instead.", old);
    }
  }

  private static void setIfAbsent(String key, String value) {
    if (System.getProperty(key) == null) {
      System.setProperty(key, value);
    }
  }
}
