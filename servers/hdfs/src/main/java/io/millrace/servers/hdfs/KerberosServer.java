/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.servers.hdfs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.hadoop.minikdc.MiniKdc;

/**
 * A real key distribution centre on the loopback interface, with the keys of an HDFS. Sets the
 * process' {@code java.security.krb5.conf}: one at a time.
 */
public final class KerberosServer implements AutoCloseable {
  private final MiniKdc kdc;
  private final Path directory;

  private KerberosServer(MiniKdc kdc, Path directory) {
    this.kdc = kdc;
    this.directory = directory;
  }

  /** Starts it with tickets that are good for {@code ticketSeconds}. */
  public static KerberosServer start(Path directory, int ticketSeconds) throws Exception {
    Files.createDirectories(directory);
    Properties settings = MiniKdc.createConf();
    settings.setProperty(MiniKdc.MAX_TICKET_LIFETIME, Integer.toString(ticketSeconds));
    settings.setProperty(MiniKdc.MIN_TICKET_LIFETIME, Integer.toString(ticketSeconds));
    MiniKdc kdc = new MiniKdc(settings, directory.toFile());
    kdc.start();
    // The server has it in a directory whose name is drawn anew each time.
    Files.copy(kdc.getKrb5conf().toPath(), directory.resolve("krb5.conf"));
    return new KerberosServer(kdc, directory);
  }

  /** The name in full. */
  public String principal(String name) {
    return name + "@" + kdc.getRealm();
  }

  /** Makes a user; its keys are in the file. */
  public Path keytab(String file, String... names) throws Exception {
    Path keytab = directory.resolve(file);
    kdc.createPrincipal(keytab.toFile(), names);
    return keytab;
  }

  /** What an HDFS needs to ask for tickets; its clients too. */
  public Map<String, String> hadoopSettings() throws Exception {
    String service = "hdfs/localhost";
    Path keytab = keytab("hdfs.keytab", service, "HTTP/localhost");
    Map<String, String> settings = new TreeMap<>();
    settings.put("hadoop.security.authentication", "kerberos");
    // The servers' own tickets do not last longer than anybody's; Hadoop's default is a minute.
    settings.put("hadoop.kerberos.min.seconds.before.relogin", "1");
    settings.put("dfs.namenode.kerberos.principal", principal(service));
    settings.put("dfs.namenode.keytab.file", keytab.toString());
    settings.put("dfs.datanode.kerberos.principal", principal(service));
    settings.put("dfs.datanode.keytab.file", keytab.toString());
    settings.put("dfs.web.authentication.kerberos.principal", principal("HTTP/localhost"));
    settings.put("dfs.web.authentication.kerberos.keytab", keytab.toString());
    settings.put("dfs.block.access.token.enable", "true");
    // No port below 1024 and no TLS, which a secure data node insists on.
    settings.put("ignore.secure.ports.for.testing", "true");
    return settings;
  }

  @Override
  public void close() throws IOException {
    kdc.stop();
  }
}
