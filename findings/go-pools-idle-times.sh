#!/bin/sh
# github.com/redis/go-redis/v9 v9.23.0, github.com/jackc/pgx/v5 v5.13.0 and
# database/sql of Go 1.26.8.
#
# Three pools have an idle time, and none ends a connection at it:
# 1. go-redis looks at ConnMaxIdleTime only when it hands a connection out, so a
#    quiet program's stays open for ever; the next command opens a new one.
# 2. pgxpool looks every HealthCheckPeriod, a minute: MaxConnIdleTime 2 s ends a
#    connection at 60 s, the default of 30 min one at up to 31 min.
# 3. database/sql makes less than a second of SetConnMaxIdleTime one second.
#
# Seen (seconds from the last word to the end, as the server sees it):
#   go-redis      2 s      open after 70 s
#   pgxpool       2 s      60.0 s
#   database/sql  200 ms   1.0 s
#
# Exits with 1 where it is otherwise.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
printf 'module finding\n\ngo 1.26.8\n' >go.mod
cat >main.go <<'GO'
package main

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/redis/go-redis/v9"
)

// serve answers what a client says, and tells how long after the client's last
// word its connection ended.
func serve(answer func(words string) string) (addr string, ended chan time.Duration) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	ended = make(chan time.Duration, 1)
	go func() {
		c, err := l.Accept()
		last, words := time.Now(), make([]byte, 65536)
		for err == nil {
			n := 0
			if n, err = c.Read(words); err == nil && words[0] != 'X' { // PostgreSQL's goodbye
				last = time.Now()
				_, err = c.Write([]byte(answer(string(words[:n]))))
				continue
			}
			break
		}
		ended <- time.Since(last)
	}()
	return l.Addr().String(), ended
}

func redisAnswer(words string) string {
	if strings.Contains(strings.ToLower(words), "hello") {
		return "-ERR unknown command\r\n"
	}
	return strings.Repeat("+OK\r\n", strings.Count(words, "*"))
}

func postgresAnswer(words string) string {
	const ready = "Z\x00\x00\x00\x05I"
	if words[0] == 0 { // its first word has no letter in front
		return "R\x00\x00\x00\x08\x00\x00\x00\x00" + ready
	}
	return "I\x00\x00\x00\x04" + ready
}

func main() {
	ctx := context.Background()
	failed := func(err error) {
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
	}
	addr, redisEnd := serve(redisAnswer)
	r := redis.NewClient(&redis.Options{Addr: addr, ConnMaxIdleTime: 2 * time.Second})
	failed(r.Do(ctx, "PING").Err())
	addr, poolEnd := serve(postgresAnswer)
	p, err := pgxpool.New(ctx, "postgres://u@"+addr+"/d?sslmode=disable&pool_max_conn_idle_time=2s")
	failed(err)
	failed(p.Ping(ctx))
	addr, sqlEnd := serve(postgresAnswer)
	db, err := sql.Open("pgx", "postgres://u@"+addr+"/d?sslmode=disable")
	failed(err)
	db.SetConnMaxIdleTime(200 * time.Millisecond)
	failed(db.Ping())
	after := time.After(70 * time.Second)
	sqlTook, poolTook := <-sqlEnd, <-poolEnd
	kept := false
	select {
	case took := <-redisEnd:
		fmt.Printf("go-redis      2 s      %.1f s\n", took.Seconds())
	case <-after:
		kept = true
		fmt.Println("go-redis      2 s      open after 70 s")
	}
	fmt.Printf("pgxpool       2 s      %.1f s\ndatabase/sql  200 ms   %.1f s\n", poolTook.Seconds(), sqlTook.Seconds())
	if kept && poolTook > 55*time.Second && sqlTook > 900*time.Millisecond && sqlTook < 5*time.Second {
		fmt.Println("as seen before")
		return
	}
	fmt.Println("CHANGED")
	os.Exit(1)
}
GO
export GOTOOLCHAIN=go1.26.8
go get github.com/redis/go-redis/v9@v9.23.0 github.com/jackc/pgx/v5/pgxpool@v5.13.0 github.com/jackc/pgx/v5/stdlib@v5.13.0 >/dev/null 2>&1
go run .
