/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.jms;

import io.millrace.api.Source;
import io.millrace.api.SourceContext;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Receives messages in transactions: one is committed when the channels have the events of its
 * messages. A broker that is away is tried again with back-off, at the start as later.
 */
final class JmsSource implements Source {
  /** For what is in flight at a stop to be answered. */
  static final Duration STOP_PATIENCE = Duration.ofSeconds(2);

  private static final Logger log = LoggerFactory.getLogger(JmsSource.class);
  private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(3);

  private final SourceContext context;
  private final JmsSourceOptions options;
  private JmsPump pump;
  private Thread thread;

  JmsSource(SourceContext context, JmsSourceOptions options) {
    this.context = context;
    this.options = options;
  }

  @Override
  public synchronized void start() {
    pump = new JmsPump(context, options);
    thread = context.threads("receiver").newThread(pump);
    // JMS clients look for their parts in the class loader of the thread.
    thread.setContextClassLoader(JmsSource.class.getClassLoader());
    thread.start();
  }

  @Override
  public synchronized void stop() throws InterruptedException {
    if (thread == null) {
      return;
    }
    pump.end();
    LockSupport.unpark(thread);
    thread.join(STOP_PATIENCE.plusSeconds(1).toMillis());
    if (thread.isAlive()) {
      // It waits for the broker within the client: closing the connection sends it home. That may
      // wait for the broker, too.
      Thread closer = context.threads("closer").newThread(pump::breakLink);
      closer.setContextClassLoader(JmsSource.class.getClassLoader());
      closer.start();
      thread.join(CLOSE_PATIENCE.toMillis());
    }
    if (thread.isAlive()) {
      log.warn(
          "Source {}: the JMS client does not come back from the broker; it is left behind, and what"
              + " it had received and not committed the broker gives out again",
          context.name());
    }
    thread = null;
  }
}
