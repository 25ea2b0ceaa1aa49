//! Which path leads to which handler.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, on, post};

use super::answer::{Answer, Category};
use super::call::Surface;
use super::service::{Handler, Service};
use super::store::Kind;
use super::{
    accounts, action, catalog, crud, describe, gate, jobs, orders, preview, query, subscriptions,
    token,
};

/// The service's routes, to be mounted at `/`.
pub fn router(service: Arc<Service>) -> Router {
    let mut routes = Router::new()
        .route("/oauth/token", post(token::sign_in))
        .route("/v1/action/create", on_post(action::create))
        .route("/v1/action/update", on_post(action::update))
        .route("/v1/action/delete", on_post(action::delete))
        .route("/v1/action/query", on_post(query::query))
        .route("/v1/action/queryMore", on_post(query::query_more))
        .route("/v1/action/{name}", on_post(action::unknown))
        .route("/v1/catalog/products", on_get(catalog::list_products))
        .route("/v1/catalog/products/{key}", on_get(catalog::one_product))
        // The two singular paths are those of the official Python client.
        .route("/v1/catalog/product/{key}", on_get(catalog::one_product))
        .route("/v1/rateplan/{key}/productRatePlan", on_get(catalog::plans_of_product))
        .route("/v1/products/{key}/product-rate-plans", on_get(catalog::plans_of_product))
        .route("/v1/product-rate-plans/{id}", on_get(catalog::one_plan))
        .route("/v1/product-rate-plans/external-id/{id}", on_get(catalog::plans_by_external_id))
        .route("/v1/product-rate-plan-charges/{key}", on_get(catalog::one_charge))
        .route("/v1/describe/{object}", on_get(describe::describe));
    routes = of_orders(of_accounts(routes));
    for kind in Kind::CATALOG {
        let path = format!("/v1/object/{}", crud::segment(kind));
        let one = on_get(crud::get).merge(serving(MethodFilter::PUT, crud::put));
        // Tiers live and die with their charge.
        if kind == Kind::ProductRatePlanChargeTier {
            routes = routes.route(&format!("{path}/{{id}}"), one);
        } else {
            routes = routes.route(&path, on_post(crud::post)).route(
                &format!("{path}/{{id}}"),
                one.merge(serving(MethodFilter::DELETE, crud::delete)),
            );
        }
    }
    routes
        .fallback(no_route)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(service.clone(), gate::pass))
        .with_state(service)
}

/// Orders and the subscriptions that they make.
fn of_orders(routes: Router<Arc<Service>>) -> Router<Arc<Service>> {
    routes
        .route("/v1/orders", on_post(orders::post).merge(on_get(orders::list)))
        .route("/v1/orders/preview", on_post(preview::post))
        .route("/v1/orders/{number}", on_get(orders::get))
        .route("/v1/orders/{number}/triggerDates", serving(MethodFilter::PUT, orders::put_dates))
        .route("/v1/async/orders", on_post(jobs::post_order))
        .route("/v1/async/orders/preview", on_post(jobs::post_preview))
        .route("/v1/async-jobs/{id}", on_get(jobs::get))
        .route("/v1/subscriptions/subscription-metrics", on_get(subscriptions::read::metrics))
        .route("/v1/subscriptions/accounts/{key}", on_get(subscriptions::read::of_account))
        .route("/v1/subscriptions/{key}", on_get(subscriptions::read::get))
        .route(
            "/v1/subscriptions/{key}/versions/{version}",
            on_get(subscriptions::read::get_version),
        )
}

/// Accounts and contacts, by the v1 API and by CRUD.
fn of_accounts(routes: Router<Arc<Service>>) -> Router<Arc<Service>> {
    let on_put = |handler: Handler| serving(MethodFilter::PUT, handler);
    let on_delete = |handler: Handler| serving(MethodFilter::DELETE, handler);
    let contact = on_get(accounts::get_contact)
        .merge(on_put(accounts::put_contact))
        .merge(on_delete(accounts::delete_contact));
    let object = || on_get(accounts::get_object).merge(on_put(accounts::put_object));
    routes
        .route("/v1/accounts", on_post(accounts::post))
        .route("/v1/accounts/{key}", on_get(accounts::get).merge(on_put(accounts::put)))
        .route("/v1/accounts/{key}/summary", on_get(accounts::summary))
        .route("/v1/contacts", on_post(accounts::post_contact))
        .route("/v1/contacts/{id}", contact)
        .route("/v1/object/account", on_post(accounts::post_object))
        .route("/v1/object/account/{id}", object().merge(on_delete(accounts::delete_object)))
        .route("/v1/object/contact/{id}", object())
}

/// Serves the calls of a method by a handler.
fn serving(method: MethodFilter, handler: Handler) -> MethodRouter<Arc<Service>> {
    on(method, async move |State(service): State<Arc<Service>>, request: Request| {
        service.serve(request, handler).await
    })
}

fn on_get(handler: Handler) -> MethodRouter<Arc<Service>> {
    serving(MethodFilter::GET, handler)
}

fn on_post(handler: Handler) -> MethodRouter<Arc<Service>> {
    serving(MethodFilter::POST, handler)
}

/// The gateway knows no such path; it says so before it looks at a token.
async fn no_route() -> Response {
    Answer::message(StatusCode::NOT_FOUND, "no Route matched with those values").into_response()
}

async fn wrong_method(request: Request) -> Response {
    let message = format!("Request method '{}' not supported", request.method());
    let surface = Surface::of(request.uri().path());
    surface.error(Category::Unsupported, StatusCode::METHOD_NOT_ALLOWED, &message).into_response()
}
