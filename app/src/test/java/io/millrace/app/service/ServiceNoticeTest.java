/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.DomainDatagramSocketAddress;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a real datagram socket, as systemd's own is one. */
class ServiceNoticeTest {
  @TempDir private Path directory;
  private final AtomicReference<Duration> sinceTurn = new AtomicReference<>(Duration.ZERO);
  private final AtomicReference<String> status = new AtomicReference<>("running");
  private final Map<String, String> environment = new HashMap<>();
  private final List<String> received = new ArrayList<>();
  private Socket manager;

  @BeforeEach
  void listen() throws Exception {
    Epoll.ensureAvailability();
    Path path = directory.resolve("notify");
    manager = Socket.newSocketDomainDgram();
    manager.bind(new DomainSocketAddress(path.toString()));
    environment.put("NOTIFY_SOCKET", path.toString());
  }

  @AfterEach
  void close() throws Exception {
    manager.close();
  }

  private ServiceNotice open() {
    return ServiceNotice.open(environment, sinceTurn::get, status::get).orElseThrow();
  }

  /** All datagrams so far. */
  private List<String> received() throws Exception {
    ByteBuffer buffer = ByteBuffer.allocateDirect(4096);
    DomainDatagramSocketAddress from;
    while ((from = manager.recvFromDomainSocket(buffer, 0, 4096)) != null) {
      byte[] bytes = new byte[from.receivedAmount()];
      buffer.position(0);
      buffer.get(bytes);
      received.add(new String(bytes, StandardCharsets.UTF_8));
    }
    return received;
  }

  @Test
  void theManagerIsToldOfTheStartTheReloadAndTheStop() throws Exception {
    try (ServiceNotice notice = open()) {
      notice.ready();
      notice.applying();
      notice.done();
      notice.stopping();
    }
    assertThat(received()).hasSize(4);
    assertThat(received.get(0)).isEqualTo("READY=1\nSTATUS=running");
    assertThat(received.get(1)).startsWith("RELOADING=1\nMONOTONIC_USEC=");
    assertThat(received.get(2)).startsWith("READY=1\n");
    assertThat(received.get(3)).startsWith("STOPPING=1\n");
  }

  @Test
  void signsOfLifeComeWhileTheAgentTurnsAndOnlyThen() throws Exception {
    environment.put("WATCHDOG_USEC", "400000");
    environment.put("WATCHDOG_PID", String.valueOf(ProcessHandle.current().pid()));
    try (ServiceNotice notice = open()) {
      notice.ready();
      await().until(() -> received().contains("WATCHDOG=1"));
      sinceTurn.set(Duration.ofSeconds(5));
      status.set("running in part");
      await().until(() -> received().contains("STATUS=running in part"));
      received.clear();
      // The line of status is looked at in the same turns as the signs of life.
      status.set("still in part");
      await().until(() -> received().contains("STATUS=still in part"));
      assertThat(received()).doesNotContain("WATCHDOG=1");
      sinceTurn.set(Duration.ZERO);
      await().until(() -> received().contains("WATCHDOG=1"));
    }
  }

  @Test
  void theWatchdogOfAnotherProcessIsNotFed() throws Exception {
    environment.put("WATCHDOG_USEC", "100000");
    environment.put("WATCHDOG_PID", "1");
    try (ServiceNotice notice = open()) {
      notice.ready();
      status.set("changed");
      await()
          .atMost(Duration.ofSeconds(10))
          .until(() -> received().contains("STATUS=changed"));
      assertThat(received()).doesNotContain("WATCHDOG=1");
    }
  }

  @Test
  void abstractSocketsAreReachedToo() throws Exception {
    String name = "millrace-test-" + ProcessHandle.current().pid();
    Socket abstractManager = Socket.newSocketDomainDgram();
    try {
      abstractManager.bind(new DomainSocketAddress("\0" + name));
      environment.put("NOTIFY_SOCKET", "@" + name);
      try (ServiceNotice notice = open()) {
        notice.ready();
      }
      ByteBuffer buffer = ByteBuffer.allocateDirect(4096);
      assertThat(abstractManager.recvFromDomainSocket(buffer, 0, 4096)).isNotNull();
    } finally {
      abstractManager.close();
    }
  }

  @Test
  void withoutAManagerThereIsNobodyToTell() {
    assertThat(ServiceNotice.open(Map.of(), sinceTurn::get, status::get)).isEmpty();
    assertThat(
            ServiceNotice.open(
                Map.of("NOTIFY_SOCKET", "vsock:2:1"), sinceTurn::get, status::get))
        .isEmpty();
  }

  @Test
  void aManagerThatIsGoneHurtsNobody() throws Exception {
    try (ServiceNotice notice = open()) {
      manager.close();
      notice.ready();
      notice.stopping();
    } finally {
      manager = Socket.newSocketDomainDgram();
    }
  }
}
