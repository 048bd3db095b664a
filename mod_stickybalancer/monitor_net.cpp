// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/monitor_net.hpp"

#include <cstring>

#include "mod_stickybalancer/config.hpp"

APR_DECLARE_OPTIONAL_FN(int, ssl_is_https, (conn_rec *));

namespace stickybalancer {
namespace {

constexpr const char kAnswer[] =
    "HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

bool is_monitor(const conn_rec *c)
{
    const auto &networks = config_of(c->base_server).options.monitor_networks;
    return networks.is_set && c->master == nullptr && contains(*networks.value, *c->client_addr);
}

bool speaks_tls(conn_rec *c)
{
    auto *is_https = APR_RETRIEVE_OPTIONAL_FN(ssl_is_https);
    return is_https != nullptr && is_https(c) != 0;
}

// What the client sent so far, at most so much: a close over unread bytes would be a reset.
void drop_received(apr_socket_t *socket)
{
    char bytes[4096];
    apr_socket_timeout_set(socket, 0);
    for (int i = 0; i < 16; ++i) {
        apr_size_t length = sizeof(bytes);
        if (apr_socket_recv(socket, bytes, &length) != APR_SUCCESS)
            return;
    }
}

// httpd's own close would first make the handshake, and wait for the client to take part.
void close_without_handshake(conn_rec *c, apr_socket_t *socket)
{
    apr_socket_shutdown(socket, APR_SHUTDOWN_WRITE);
    drop_received(socket);
    c->aborted = 1;
}

// A few bytes, which a new connection always takes. httpd's close then waits for the client's, and drops what
// it sends, for two seconds.
void answer(conn_rec *c, apr_socket_t *socket)
{
    apr_size_t length = sizeof(kAnswer) - 1;
    apr_socket_send(socket, kAnswer, &length);
    apr_table_setn(c->notes, "short-lingering-close", "1");
}

// A virtual host's addresses are compared by port only: a listener more costs nothing.
bool may_come_to(const server_rec *s, const server_rec *main_server, apr_port_t port)
{
    if (s == main_server)
        return true;
    for (const auto *address = s->addrs; address != nullptr; address = address->next)
        if (address->host_port == port || address->host_port == 0)
            return true;
    return false;
}

bool may_have_monitors(const ap_listen_rec &listener, const server_rec *main_server)
{
    for (const auto *s = main_server; s != nullptr; s = s->next)
        if (config_of(s).options.monitor_networks.is_set &&
            may_come_to(s, main_server, listener.bind_addr->port))
            return true;
    return false;
}

}  // namespace

void accept_silent_monitors(const server_rec *main_server)
{
    for (auto *listener = ap_listeners; listener != nullptr; listener = listener->next)
        if (listener->sd != nullptr && listener->bind_addr != nullptr &&
            may_have_monitors(*listener, main_server))
            apr_socket_opt_set(listener->sd, APR_TCP_DEFER_ACCEPT, 0);
}

int answer_monitor_connection(conn_rec *c)
{
    if (!is_monitor(c))
        return DECLINED;
    if (auto *socket = ap_get_conn_socket(c); speaks_tls(c))
        close_without_handshake(c, socket);
    else
        answer(c, socket);
    c->keepalive = AP_CONN_CLOSE;
    if (c->cs != nullptr)
        c->cs->state = CONN_STATE_LINGER;
    return OK;
}

}  // namespace stickybalancer
