/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests.interop.peer;

import io.millrace.systemtests.interop.EventSender;
import io.millrace.systemtests.interop.TestEvent;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Properties;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.config.ConfigurationSource;
import org.apache.logging.log4j.core.config.Configurator;

/** An application that logs with log4j 2, configured by the XML of the property {@code xml}. */
public final class Log4j2Sender implements EventSender {
  private final LoggerContext context;

  public Log4j2Sender(Properties properties) throws IOException {
    byte[] xml = properties.getProperty("xml").getBytes(StandardCharsets.UTF_8);
    context =
        Configurator.initialize(
            Log4j2Sender.class.getClassLoader(),
            new ConfigurationSource(new ByteArrayInputStream(xml)));
  }

  @Override
  public void send(List<TestEvent> batch) {
    for (TestEvent event : batch) {
      context
          .getLogger(event.headers().get("logger"))
          .log(Level.valueOf(event.headers().get("level")), event.text());
    }
  }

  @Override
  public void close() {
    Configurator.shutdown(context);
  }
}
