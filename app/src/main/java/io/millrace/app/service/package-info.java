/* SPDX-License-Identifier: Apache-2.0 */
/** What an agent tells the service manager that runs it (systemd). */
package io.millrace.app.service;
