// Command mongodb serves the MongoDB protocol for tests: FerretDB on SQLite, behind a proxy that lets one command
// through at a time, since FerretDB's own updates are not atomic when several run at once.
//
//	mongodb -listen 127.0.0.1:15017 -data FOLDER
package main

import (
	"context"
	"flag"
	"log"
	"log/slog"
	"net"
	"net/url"
	"os"
	"os/signal"
	"syscall"

	"github.com/FerretDB/FerretDB/ferretdb"
)

func main() {
	address := flag.String("listen", "127.0.0.1:15017", "address for clients")
	data := flag.String("data", "", "folder for the data; must exist")
	flag.Parse()
	if err := serve(*address, *data); err != nil {
		log.Fatal(err)
	}
}

func serve(address, data string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()

	inner, err := ferretdb.New(&ferretdb.Config{
		Listener:  ferretdb.ListenerConfig{TCP: "127.0.0.1:0"},
		Logger:    slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})),
		Handler:   "sqlite",
		SQLiteURL: "file:" + data + "/",
	})
	if err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- inner.Run(ctx) }()

	// Its address is known once it listens.
	uri, err := url.Parse(inner.MongoDBURI())
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	go func() {
		<-ctx.Done()
		listener.Close()
	}()
	proxy := &proxy{inner: uri.Host}
	go proxy.serve(listener)
	return <-ended
}
