/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.testing;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;

/** What one logger says while this is open. Safe for many threads. */
public final class LogCapture implements AutoCloseable {
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final Logger logger;
  private final Level levelBefore;
  private final Appender appender = new Appender();

  public LogCapture(Class<?> owner) {
    logger = (Logger) LogManager.getLogger(owner);
    levelBefore = logger.getLevel();
    appender.start();
    logger.addAppender(appender);
    // After the appender: adding one sets the level anew.
    logger.setLevel(Level.INFO);
  }

  public List<String> lines() {
    return lines;
  }

  @Override
  public void close() {
    logger.removeAppender(appender);
    logger.setLevel(levelBefore);
  }

  private final class Appender extends AbstractAppender {
    Appender() {
      super("capture", null, null, false, Property.EMPTY_ARRAY);
    }

    @Override
    public void append(LogEvent event) {
      lines.add(event.getLevel() + " " + event.getMessage().getFormattedMessage());
    }
  }
}
