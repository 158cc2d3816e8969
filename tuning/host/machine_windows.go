package host

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"

	"example.com/keeptune/tuning/machine"
	"example.com/keeptune/tuning/native"
	"example.com/keeptune/tuning/store"
)

// Machine reads the registry of this machine, and the files of IIS. It changes nothing and
// runs nothing.
func Machine(ctx context.Context, o machine.Options) (machine.Machine, error) {
	if o.Namespace != "" {
		return machine.Machine{}, errors.New("Windows has no network namespaces that could be named; leave --netns out")
	}
	return machine.ReadWindows(ctx, this{}, o)
}

// this is the machine that keeptune runs on.
type this struct{}

var _ machine.Windows = this{}

// open opens a key by its full name.
func open(key string, access uint32) (registry.Key, error) {
	root, rest, _ := strings.Cut(key, `\`)
	hive := registry.LOCAL_MACHINE
	if root == "HKEY_CURRENT_USER" {
		hive = registry.CURRENT_USER
	}
	return registry.OpenKey(hive, rest, access|registry.WOW64_64KEY)
}

func (this) Value(key, name string) (string, error) {
	k, err := open(key, registry.QUERY_VALUE)
	if err != nil {
		return "", err
	}
	defer k.Close()
	n, _, err := k.GetIntegerValue(name)
	if errors.Is(err, registry.ErrUnexpectedType) {
		text, _, err := k.GetStringValue(name)
		return text, err
	}
	return strconv.FormatUint(n, 10), err
}

func (this) Keys(key string) ([]string, error) {
	k, err := open(key, registry.ENUMERATE_SUB_KEYS)
	if err != nil {
		return nil, err
	}
	defer k.Close()
	names, err := k.ReadSubKeyNames(-1)
	slices.Sort(names)
	return names, err
}

func (this) Changed(key string) (time.Time, error) {
	k, err := open(key, registry.QUERY_VALUE)
	if err != nil {
		return time.Time{}, err
	}
	defer k.Close()
	info, err := k.Stat()
	if err != nil {
		return time.Time{}, fmt.Errorf("the registry key %s: %w", key, err)
	}
	return info.ModTime(), nil
}

func (this) Read(name string) ([]byte, error) { return store.ReadLimited(name, native.MaxSize) }

func (this) Name() string {
	name, _ := os.Hostname() // empty where it has none
	return name
}

func (this) Now() time.Time { return time.Now() }

func (this) Started() time.Time { return time.Now().Add(-windows.DurationSinceBoot()) }
