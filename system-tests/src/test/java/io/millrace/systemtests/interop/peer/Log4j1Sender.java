/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests.interop.peer;

import io.millrace.systemtests.interop.EventSender;
import io.millrace.systemtests.interop.TestEvent;
import java.util.List;
import java.util.Properties;
import org.apache.log4j.Level;
import org.apache.log4j.LogManager;
import org.apache.log4j.PropertyConfigurator;

/** An application that logs with log4j 1.2, configured by the properties it is given. */
public final class Log4j1Sender implements EventSender {
  public Log4j1Sender(Properties properties) {
    PropertyConfigurator.configure(properties);
  }

  @Override
  public void send(List<TestEvent> batch) {
    for (TestEvent event : batch) {
      LogManager.getLogger(event.headers().get("logger"))
          .log(Level.toLevel(event.headers().get("level")), event.text());
    }
  }

  @Override
  public void close() {
    LogManager.shutdown();
  }
}
